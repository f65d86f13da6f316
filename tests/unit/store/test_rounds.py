"""The report of a campaign that calls the same people anew, by round."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from campaigns.facts import AttemptEnded, AttemptStarted, ContactSettled, SurveyAnswered
from campaigns.holdout import HELD_OUT, PUT_ASIDE
from campaigns.ports import NewContact
from desk.facts import CallDisposed
from reports.campaigns import CampaignReport
from store.feeds import _renew
from store.schema import contacts
from store.store import Store
from store.writer import Transaction
from telephony.facts import CallAnswered, CallStarted
from tests.unit.store.conftest import Desk

NINE = 1_780_275_600.0  # 2026-06-01 09:00 in Shanghai
MONTH = 30 * 86_400.0
ZONE = "Asia/Shanghai"
LATER = NINE + 4 * MONTH


class Year:
    """A campaign that keeps in touch with five people, of whom one is held out."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk, self._store, self._count = desk, store, 0

    async def begins(self) -> None:
        rows = [NewContact(f"+861380013800{at}", "", at) for at in range(1, 6)]
        await self._store.contacts.add("touch", [rows])
        await self.mark(5, state="done", result=HELD_OUT)

    async def call(self, contact: int, result: str, at: float, *, answered: bool = False, more: bool = False) -> str:
        """``more``: he is tried again."""
        self._count += 1
        self._desk.clock._now = at
        call, attempt, log = f"c-{self._count}", f"a-{self._count}", self._store.log
        log.post(call, AttemptStarted(attempt, "touch", contact))
        log.post(call, CallStarted("outbound", "4008001234", f"1380013800{contact}"))
        if answered:
            log.post(call, CallAnswered())
        await log.commit(call, AttemptEnded(attempt, "touch", contact, result, again_at=at + 600 if more else None))
        return attempt

    async def anew(self, at: float, *ids: int) -> None:
        """As a living selection does it."""
        await self._store.log.write(lambda transaction: _renew(transaction, ids=ids, now=at))

    async def mark(self, contact: int, **values: object) -> None:
        def work(transaction: Transaction) -> None:
            transaction.connection.execute(update(contacts).where(contacts.c.id == contact).values(**values))

        await self._store.log.write(work)

    async def report(self, chosen: int = 0) -> CampaignReport:
        return await self._store.campaign_reports.of("touch", ZONE, LATER, chosen)


async def a_year(desk: Desk, store: Store) -> Year:
    """Round 1: one is busy, then talks; two talks; three declines; four is not called. A month later one and two are
    called anew: one is busy, two waits. Two months later two has not been called and one is in his third round.
    """
    made = Year(desk, store)
    await made.begins()
    await made.call(1, "busy", NINE, more=True)
    await made.call(1, "talked", NINE + 600, answered=True)
    await made.call(2, "talked", NINE + 700, answered=True)
    await made.call(3, "refused", NINE + 800, answered=True)
    await made.anew(NINE + MONTH, 1, 2, 3, 4)  # who declined is left alone, who waits still waits
    await made.call(1, "busy", NINE + MONTH + 60, more=True)
    await made.call(1, "withdrawn", NINE + MONTH + 120)
    await made.call(1, "no_answer", NINE + MONTH + 700)
    await made.anew(NINE + 2 * MONTH, 1)
    return made


def figures(report: CampaignReport) -> tuple[float | None, ...]:
    """List, tried, finished, attempts, reached."""
    return tuple(report.figures[key] for key in ("contacts", "tried", "finished", "attempts", "reached"))


def nths(report: CampaignReport) -> list[tuple[str, int, int]]:
    return [(cut.key, cut.attempts, cut.reached) for cut in report.nths]


async def test_each_round_is_counted_by_itself(desk: Desk, store: Store) -> None:
    year = await a_year(desk, store)
    assert await store.campaign_reports.rounds("touch") == 3
    assert figures(await year.report(1)) == (4, 3, 3, 4, 3)
    assert figures(await year.report(2)) == (2, 1, 1, 2, 0)
    assert figures(await year.report(3)) == (1, 0, 0, 0, 0)
    second = await year.report(2)
    assert second.figures["penetration"] == 0.5 and second.figures["completion"] == 0.5
    assert [(cut.key, cut.attempts) for cut in second.results] == [("busy", 1), ("no_answer", 1)]


async def test_all_rounds_count_people_once_and_number_attempts_within_a_round(desk: Desk, store: Store) -> None:
    year = await a_year(desk, store)
    whole = await year.report()
    assert figures(whole) == (4, 3, 1, 6, 3), "only who declined is done"
    assert nths(whole) == [("1", 4, 2), ("2", 2, 1)], "nobody was called four times in a row"
    assert nths(await year.report(1)) == [("1", 3, 2), ("2", 1, 1)]
    assert nths(await year.report(2)) == [("1", 1, 0), ("2", 1, 0)]
    parts = [await year.report(chosen) for chosen in (1, 2, 3)]
    for key in ("attempts", "connected", "reached", "went_well", "abandoned"):
        assert whole.figures[key] == sum(part.figures[key] or 0 for part in parts), key


async def test_who_is_put_aside_stays_in_the_rounds_in_which_he_was_called(desk: Desk, store: Store) -> None:
    year = await a_year(desk, store)
    await year.mark(2, state="done", result=PUT_ASIDE)  # in his second round, before he was called
    await year.mark(4, state="done", result=PUT_ASIDE)  # in his first
    assert [figures(await year.report(chosen))[:3] for chosen in (0, 1, 2)] == [(3, 3, 2), (3, 3, 3), (1, 1, 1)]
    [listed] = await store.campaigns.list()
    stand = await store.campaign_stands.of("touch", LATER)
    assert (listed.contacts, listed.tried, listed.done) == (3, 3, 2)
    assert (stand.pending + stand.dialling + stand.done, stand.tried, stand.done) == (3, 3, 2)


async def test_answers_and_dispositions_are_those_of_the_round(desk: Desk, store: Store) -> None:
    year = await a_year(desk, store)
    for attempt, value in (("a-2", "9"), ("a-7", "3")):  # of the first round, and of the second
        desk.clock._now = NINE + 650 if attempt == "a-2" else NINE + MONTH + 750
        store.log.post("", SurveyAnswered("touch", 1, attempt, "nps", value, "agent", form="f"))
        store.log.post(f"c-{attempt[2:]}", CallDisposed("101", "out", "deal" if attempt == "a-2" else "later", "wang"))
    desk.clock._now = NINE + MONTH + 800
    store.log.post("", SurveyAnswered("touch", 2, "c-by-hand", "nps", "5", "agent", form="f"))  # is no attempt
    await store.log.flush()

    async def said(chosen: int) -> tuple[list[str], list[str]]:
        report = await year.report(chosen)
        given = [it.value for form in report.forms for each in form.questions for it in each.values if it.share.hits]
        return given, [it.code for it in report.came_of.codes] if report.came_of else []

    assert await said(1) == (["9"], ["deal"])
    second = await said(2)
    assert (sorted(second[0]), second[1]) == (["3", "5"], ["later"])
    whole = await said(0)
    assert (sorted(whole[0]), sorted(whole[1])) == (["3", "5", "9"], ["deal", "later"])


async def test_what_came_of_a_round(desk: Desk, store: Store) -> None:
    year = await a_year(desk, store)
    await year.call(1, "talked", NINE + 2 * MONTH + 60, answered=True)
    store.log.post("", ContactSettled("touch", 1, "a-8", "deal", agreed=True))
    await store.log.flush()

    def day_of(at: float) -> date:
        return datetime.fromtimestamp(at, ZoneInfo(ZONE)).date()

    async def stages(chosen: int) -> list[tuple[int, int]]:
        found = await store.conversions.of("touch", days=30, now=LATER, day_of=day_of, chosen=chosen)
        return [(it.share.hits, it.share.of) for it in found.stages if it.key in ("dialled", "reached", "agreed")]

    assert await stages(0) == [(3, 4), (3, 3), (1, 3)]
    assert await stages(1) == [(3, 4), (3, 3), (0, 3)]
    assert await stages(2) == [(1, 2), (0, 1), (0, 0)]
    assert await stages(3) == [(1, 1), (1, 1), (1, 1)]


async def test_without_anybody_called_anew_there_is_one_round(desk: Desk, store: Store) -> None:
    made = Year(desk, store)
    await made.begins()
    await made.call(1, "busy", NINE, more=True)
    await made.call(1, "talked", NINE + 600, answered=True)
    assert await store.campaign_reports.rounds("touch") == 1
    assert await made.report(1) == await made.report()
    assert nths(await made.report()) == [("1", 1, 0), ("2", 1, 1)]
