"""What a campaign brought, against those who were held out of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from desk.records import Sale, Visit
from reports.effect import compared
from store.store import Store
from tests.unit.store.conftest import Desk
from tests.unit.store.test_feeds import AT, KEY, STAYED_AWAY, number, owned, states


def day_of(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


async def test_both_groups_are_counted_by_what_they_did_later(desk: Desk, store: Store) -> None:
    await store.records.take([owned(place) for place in range(60)])
    await store.selections.keep("久未进店", STAYED_AWAY, "boss")
    await store.feeds.connect("回访", "久未进店", living=False, percent=50, key=KEY, by="boss")
    await store.feeds.look("回访", AT)
    held = {one for one, stand in (await states(store, "回访")).items() if stand[1] == "held_out"}
    places = {number(place): place for place in range(60)}
    called = [place for one, place in places.items() if one not in held]
    kept = [places[one] for one in sorted(held)]
    settled = day_of(desk.clock.now())

    def visit(place: int, after: int) -> Visit:
        return Visit(f"沪A{place}", (settled + timedelta(after)).isoformat(), "保养")

    did = [visit(called[0], 1), visit(called[1], 90), visit(called[2], 0), visit(called[3], 91), visit(kept[0], 30)]
    await store.records.take([*did, visit(called[0], 7)])
    await store.records.take([Sale("沪A1", number(called[5]), (settled + timedelta(3)).isoformat())])
    found = await store.effects.of("回访", days=90, day_of=day_of)
    assert found is not None
    assert (found.since, found.until) == (str(settled + timedelta(1)), str(settled + timedelta(90)))
    assert (found.visited.called.hits, found.visited.called.of) == (2, len(called)), "not on the day, nor after the 90"
    assert (found.visited.held_out.hits, found.visited.held_out.of) == (1, len(kept))
    assert (found.bought.called.hits, found.bought.held_out.hits) == (1, 0)
    assert await store.effects.of("置换", days=90, day_of=day_of) is None


def test_the_difference_has_its_interval() -> None:
    """Newcombe 1998, table II, case (a), method 10: 56/70 − 48/80."""
    found = compared((56, 70), (48, 80))
    assert found.difference == pytest.approx(0.2)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))
    assert compared((0, 0), (1, 2)).difference is None
    assert compared((1, 2), (0, 0)).low is None
