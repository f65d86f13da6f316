"""The report of a campaign out of the store: attempts by number and hour, answers by version, kept forms."""

from datetime import date

from sqlalchemy import insert

from campaigns.contact_filter import AttemptCell, ContactFilter
from campaigns.facts import AttemptEnded, AttemptStarted, CampaignStateChanged, SurveyAnswered
from campaigns.gate import CampaignState
from campaigns.holdout import HELD_OUT
from campaigns.pauses import trunk_failed
from campaigns.ports import NewContact
from campaigns.preview_facts import PreviewShown
from campaigns.survey import find_survey
from store.rows import CallFilter
from store.schema import contacts
from store.store import Store
from store.writer import Transaction
from telephony.facts import CallAnswered, CallStarted, LegStarted, TalkStarted
from tests.unit.store.conftest import Desk

NINE = 1_780_275_600.0  # 2026-06-01 09:00 in Shanghai
ZONE = "Asia/Shanghai"


class Calls:
    """Attempts as a dialer tells them."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self._desk, self._store, self._count = desk, store, 0

    async def one(self, contact: int, result: str, at: float, *, answered: bool = False) -> str:
        self._count += 1
        self._desk.clock._now = at
        call, attempt, log = f"c-{self._count}", f"a-{self._count}", self._store.log
        log.post(call, AttemptStarted(attempt, "spring", contact))
        log.post(call, CallStarted("outbound", "4008001234", f"1380013800{contact}"))
        if answered:
            log.post(call, CallAnswered())
        await log.commit(call, AttemptEnded(attempt, "spring", contact, result))
        return attempt

    def answer(self, attempt: str, question: str, value: str, form: str) -> None:
        fact = SurveyAnswered("spring", 1, attempt, question, value, "key", form=form)
        self._store.log.post("", fact)


async def test_attempts_are_counted_by_number_hour_and_result(desk: Desk, store: Store) -> None:
    rows = [NewContact(f"+861380013800{at}", "", at) for at in range(1, 5)]
    await store.contacts.add("spring", [rows])
    calls = Calls(desk, store)
    await calls.one(1, "busy", NINE)
    await calls.one(1, "withdrawn", NINE + 60)  # nothing was sent: it is no attempt
    await calls.one(1, "completed", NINE + 3600, answered=True)
    await calls.one(2, "voicemail", NINE + 3599.9, answered=True)
    await calls.one(3, "refused", NINE + 2 * 3600, answered=True)
    store.log.post("c-up", AttemptStarted("a-up", "spring", 4))  # is still going on
    store.log.post("c-up", LegStarted("leg-up", "customer"))
    await store.log.commit("c-x", AttemptStarted("a-x", "other", 99))
    report = await store.campaign_reports.of("spring", ZONE, NINE + 86_400.0)
    figures = report.figures
    assert (figures["contacts"], figures["tried"], figures["attempts"]) == (4, 4, 4)
    assert (figures["connected"], figures["reached"]) == (3, 2)
    assert [(cut.key, cut.attempts) for cut in report.nths] == [("1", 3), ("2", 1)]
    assert [(cut.key, cut.attempts, cut.reached) for cut in report.hours] == [("9", 2, 0), ("10", 1, 1), ("11", 1, 1)]
    assert [cut.key for cut in report.results] == ["busy", "completed", "refused", "voicemail"]
    empty = await store.campaign_reports.of("none", ZONE, NINE + 86_400.0)
    assert empty.figures["attempts"] == 0 and empty.forms == ()


async def test_whoever_talked_with_an_agent_went_well_however_much_of_the_form_is_filled_in(
    desk: Desk, store: Store
) -> None:
    await store.contacts.add("spring", [[NewContact(f"+861380013800{at}", "", at) for at in range(1, 6)]])
    calls = Calls(desk, store)
    for contact, result in enumerate(("talked", "partial", "refused", "postponed"), 1):
        store.log.post(f"c-{contact}", TalkStarted("101", "out"))
        await calls.one(contact, result, NINE, answered=True)
    await calls.one(5, "partial", NINE, answered=True)  # of a voice: half a survey is half a survey
    report = await store.campaign_reports.of("spring", ZONE, NINE + 86_400.0)
    assert (report.figures["reached"], report.figures["went_well"], report.figures["success"]) == (5, 2, 0.4)
    cell = AttemptCell("spring", figure="went_well", zone=ZONE)
    assert (await store.calls.list(CallFilter(attempts=cell))).total == 2
    found = await store.conversions.of("spring", days=30, now=NINE, day_of=lambda _at: date(2026, 6, 1))
    assert {stage.key: stage.share.hits for stage in found.stages}["went_well"] == 2


async def test_answers_count_once_and_by_version(desk: Desk, store: Store) -> None:
    survey = find_survey("return_visit")
    assert len(survey.version) == 12
    for _ in range(2):
        await store.campaign_reports.keep(survey.form)
    calls = Calls(desk, store)
    first = await calls.one(1, "completed", NINE, answered=True)
    second = await calls.one(2, "partial", NINE, answered=True)
    calls.answer(first, "quality", "2", survey.version)
    calls.answer(first, "quality", "4", survey.version)  # he has thought better of it
    calls.answer(first, "nps", "10", survey.version)
    calls.answer(first, "may_i", "yes", survey.version)
    calls.answer(second, "quality", "5", "")
    await store.log.flush()
    now, before = (await store.campaign_reports.of("spring", ZONE, NINE + 86_400.0)).forms
    assert (now.form, now.survey, before.form) == (survey.version, "return_visit", "")
    quality, nps, may_i = now.questions
    assert [(it.value, it.share.hits) for it in quality.values if it.share.hits] == [("4", 1)]
    assert (quality.mean, nps.kind, may_i.kind) == (4.0, "nps", "choice")
    assert before.questions[0].answers == 1


async def test_where_a_campaign_stands_now(desk: Desk, store: Store) -> None:
    rows = [NewContact(f"+861380013800{at}", "", at) for at in range(1, 6)]
    await store.contacts.add("spring", [rows])
    calls = Calls(desk, store)
    await calls.one(1, "busy", NINE)
    await calls.one(2, "completed", NINE + 1800, answered=True)
    for contact, call in ((3, "c-rings"), (4, "c-talks")):
        store.log.post(call, AttemptStarted(f"a-{call}", "spring", contact))
        store.log.post(call, CallStarted("outbound", "4008001234", ""))
        store.log.post(call, LegStarted(f"leg-{call}", "customer"))
    await store.log.commit("c-talks", CallAnswered())
    await store.log.write(
        lambda transaction: transaction.connection.execute(
            insert(contacts).values(campaign="spring", number="x", fields="{}", state="done", result=HELD_OUT)
        )
    )  # who is held out is not to be called: he is in no figure
    assert (await store.campaign_reports.of("spring", ZONE, NINE + 86_400.0)).figures["contacts"] == 5
    stand = await store.campaign_stands.of("spring", NINE + 3700)
    assert (stand.pending, stand.dialling, stand.done, stand.tried) == (1, 2, 2, 4)
    assert (stand.ringing, stand.talking, stand.answered) == (1, 1, 1)
    assert stand.ended == {"busy": 1, "completed": 1}
    assert (stand.lately, stand.first_at) == (3, NINE + 1800), "in the last hour"
    assert (await store.campaign_stands.of("none", NINE)).state == ""


async def test_why_it_paused_by_itself_is_known_until_it_goes_on(store: Store) -> None:
    await store.contacts.add("spring", [[NewContact("+8613800138001", "", 1)]])
    why = trunk_failed("carrier", 5)
    await store.log.commit("", CampaignStateChanged("spring", CampaignState.PAUSED, why))
    stand, summary = await store.campaign_stands.of("spring", NINE), await store.campaigns.get("spring")
    assert (stand.state, stand.why, summary and summary.why) == ("paused", why, why)
    await store.log.commit("", CampaignStateChanged("spring", CampaignState.RUNNING))
    assert (await store.campaign_stands.of("spring", NINE)).why == ""


async def test_list_live_picture_and_report_agree_on_who_was_tried(desk: Desk, store: Store) -> None:
    """Who waits for another try was tried; who is held out, or barred by a rule, was not."""
    rows = [NewContact(f"+861380013800{at}", "", at) for at in range(1, 6)]
    await store.contacts.add("spring", [rows])
    calls = Calls(desk, store)
    await calls.one(1, "completed", NINE, answered=True)
    store.log.post("c-busy", AttemptStarted("a-busy", "spring", 2))
    await store.log.commit("c-busy", AttemptEnded("a-busy", "spring", 2, "busy", again_at=NINE + 7200))
    await calls.one(3, "withdrawn", NINE)

    def others(transaction: Transaction) -> None:
        for result in (HELD_OUT, "barred_refused"):
            row = {"campaign": "spring", "number": result, "fields": "{}", "state": "done", "result": result}
            transaction.connection.execute(insert(contacts).values(row))

    await store.log.write(others)
    listed = await store.campaigns.get("spring")
    stand = await store.campaign_stands.of("spring", NINE + 60)
    figures = (await store.campaign_reports.of("spring", ZONE, NINE + 60)).figures
    assert listed is not None and (listed.contacts, listed.tried) == (6, 2)
    assert (stand.pending + stand.dialling + stand.done, stand.tried) == (6, 2)
    assert (figures["contacts"], figures["tried"]) == (6, 2)
    assert listed.done == stand.done == figures["finished"]
    assert stand.last_due_at == NINE + 7200


async def test_whom_an_agent_only_reads_about_is_not_called(desk: Desk, store: Store) -> None:
    """In preview and by hand the contact is claimed while the agent reads; he is called when his leg begins."""
    await store.contacts.add("spring", [[NewContact(f"+861380013800{at}", "", at) for at in range(1, 3)]])
    calls = Calls(desk, store)
    await calls.one(2, "busy", NINE)
    log = store.log

    async def figures() -> tuple[int, ...]:
        listed = await store.campaigns.get("spring")
        stand = await store.campaign_stands.of("spring", NINE + 60)
        reported = (await store.campaign_reports.of("spring", ZONE, NINE + 60)).figures
        first = (await store.campaigns.results("spring"))[0]
        assert listed is not None
        assert listed.tried == stand.tried == reported["tried"]
        assert (listed.pending, listed.dialling) == (stand.pending, stand.dialling)
        assert (first.state == "dialling", first.call_id != "") == (stand.dialling > 0, first.called > 0)
        return stand.tried, stand.ringing, stand.lately, stand.pending, stand.dialling, first.called

    log.post("c-p", AttemptStarted("a-p", "spring", 1))
    await log.commit("c-p", PreviewShown("spring", 1, "a-p", "amy", NINE + 600))
    assert await figures() == (1, 0, 1, 1, 0, 0)
    log.post("c-p", CallStarted("outbound", "4008001234", "+8613800138001"))
    await log.commit("c-p", LegStarted("leg-amy", "agent", "amy"))
    assert await figures() == (1, 0, 1, 1, 0, 0), "his own phone rings"
    await log.commit("c-p", LegStarted("leg-1", "customer"))
    assert await figures() == (2, 1, 2, 0, 1, 1)
    await log.commit("c-p", AttemptEnded("a-p", "spring", 1, "no_answer", again_at=NINE + 7200))
    assert await figures() == (2, 0, 2, 1, 0, 1)
    log.post("c-q", AttemptStarted("a-q", "spring", 1))
    await log.commit("c-q", PreviewShown("spring", 1, "a-q", "amy", NINE + 600))
    read = (await store.campaigns.results("spring"))[0]
    assert (read.call_id, read.last, read.state) == ("c-p", "no_answer", "pending")
    await log.commit("c-q", AttemptEnded("a-q", "spring", 1, "withdrawn"))
    assert await figures() == (2, 0, 2, 1, 0, 1)


async def test_results_tell_all_numbers_and_which_was_called(desk: Desk, store: Store) -> None:
    first, second = "+8613800138001", "+8613800138002"
    await store.contacts.add("spring", [[NewContact(first, "李", 2, {"车牌": "粤A1"}, (second,))]])
    log = store.log
    log.post("c-1", AttemptStarted("a-1", "spring", 1, first))
    log.post("c-1", AttemptEnded("a-1", "spring", 1, "busy", again_at=NINE))
    log.post("c-2", AttemptStarted("a-2", "spring", 1, second))
    await log.commit("c-2", AttemptEnded("a-2", "spring", 1, "no_answer", again_at=NINE + 60))
    (found,) = await store.campaigns.results("spring")
    assert (found.number, found.others, found.dialled) == (first, (second,), second)
    assert (found.called, found.last, found.again_at, found.call_id) == (2, "no_answer", NINE + 60, "c-2")


async def test_every_figure_opens_the_calls_or_contacts_that_it_counts(desk: Desk, store: Store) -> None:
    rows = [NewContact(f"+861380013800{at}", f"客{at}", at, {}, (f"+861390013900{at}",)) for at in range(1, 7)]
    await store.contacts.add("spring", [rows])
    calls = Calls(desk, store)
    await calls.one(1, "busy", NINE)
    await calls.one(1, "completed", NINE + 3600, answered=True)
    await calls.one(1, "withdrawn", NINE + 3700)
    await calls.one(2, "refused", NINE + 60, answered=True)
    await calls.one(3, "refused", NINE + 86_400)
    await calls.one(4, "abandoned", NINE + 120, answered=True)
    store.log.post("c-again", AttemptStarted("a-again", "spring", 5))
    await store.log.commit("c-again", AttemptEnded("a-again", "spring", 5, "busy", again_at=NINE + 2 * 86_400))
    store.log.post("c-again", CallStarted("outbound", "4008001234", ""))
    store.log.post("c-x", CallStarted("outbound", "4008001234", ""))
    await store.log.commit("c-x", LegStarted("leg-x", "customer"))

    async def opened(**which: str | int) -> int:
        cell = AttemptCell("spring", zone=ZONE, **which)  # type: ignore[arg-type]
        return (await store.calls.list(CallFilter(attempts=cell))).total

    async def people(which: ContactFilter) -> int:
        return len(await store.campaigns.results("spring", which))

    report = await store.campaign_reports.of("spring", ZONE, NINE + 90_000)
    for figure in ("attempts", "connected", "reached", "went_well", "abandoned"):
        assert await opened(figure=figure) == report.figures[figure], figure
    for name, cuts in (("result", report.results), ("nth", report.nths), ("hour", report.hours)):
        for cut in cuts:
            key = cut.key if name == "result" else int(cut.key)
            for figure in ("attempts", "connected", "reached"):
                assert await opened(figure=figure, **{name: key}) == getattr(cut, figure), (name, key, figure)
    stand = await store.campaign_stands.of("spring", NINE + 90_000)
    assert await opened(figure="dialled") == sum(stand.ended.values()) + stand.ringing + stand.talking
    assert await opened(figure="answered") == stand.answered + stand.talking
    assert await people(ContactFilter(tried=True)) == stand.tried == report.figures["tried"]
    assert await people(ContactFilter("pending", listed=True)) == stand.pending == 3
    assert await people(ContactFilter("done", listed=True)) == stand.done == report.figures["finished"]
    for result, times in stand.results.items():
        assert await people(ContactFilter("done", result, listed=True)) == times, result
    assert [one.contact for one in await store.campaigns.results("spring", ContactFilter(result="busy"))] == [5]
    for text in ("客3", "8003", "39003"):
        assert [one.contact for one in await store.campaigns.results("spring", ContactFilter(text=text))] == [3], text
