"""The command line hears what the running service makes of its order."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from campaigns.plan_facts import CampaignOrdered
from service.cli import app
from service.ordering import Ordered, order_and_hear
from service.orders import START
from store.heartbeat import KEY
from store.store import Store
from tests.unit.store.conftest import Desk, desk, store

__all__ = ["desk", "store"]


@pytest.mark.parametrize("refused", ["", "caller id 123 is not one of ours"])
async def test_what_the_service_answers_is_heard(desk: Desk, store: Store, refused: str) -> None:
    await store.settings.put(KEY, repr(desk.clock.now()))
    await store.log.commit("", CampaignOrdered("spring", START, "", "an answer of yesterday"))

    async def serve(_: float) -> None:
        await store.log.commit("", CampaignOrdered("other", START, "", "not this one"))
        await store.log.commit("", CampaignOrdered("spring", START, "", refused))

    assert await order_and_hear(store, desk.clock, "spring", START, serve) == Ordered(True, True, refused)


async def test_a_service_that_keeps_silent_is_waited_for_some_seconds(desk: Desk, store: Store) -> None:
    await store.settings.put(KEY, repr(desk.clock.now()))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    assert await order_and_hear(store, desk.clock, "spring", START, sleep) == Ordered(True)
    assert sum(slept) == pytest.approx(5.0)


async def test_where_no_service_runs_the_order_is_left(desk: Desk, store: Store) -> None:
    await store.settings.put(KEY, repr(desk.clock.now() - 60.0))
    assert await order_and_hear(store, desk.clock, "spring", START) == Ordered(False)
    assert await store.settings.get("campaign.order.spring") == START


@pytest.mark.parametrize(
    ("heard", "code", "said"),
    [
        (Ordered(True, True), 0, "已执行"),
        (Ordered(True, True, "caller id 123 is not one of ours"), 1, "caller id 123"),
        (Ordered(True), 1, "has not answered"),
        (Ordered(False), 0, "no service runs"),
    ],
)
def test_the_command_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: Ordered, code: int, said: str
) -> None:
    async def hear(*_: object) -> Ordered:
        return heard

    (tmp_path / "line400.toml").write_text(
        '[[trunk]]\nname = "carrier"\nhost = "127.0.0.1"\n'
        '[[campaign]]\nname = "visits"\ntrunk = "carrier"\ncaller_id = "4008001234"\n'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("service.cli_campaign.order_and_hear", hear)
    result = CliRunner().invoke(app, ["campaign", "start", "visits"])
    assert (result.exit_code, said in result.output) == (code, True)
