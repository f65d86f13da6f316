"""Answers with the words of the version in which they were given: of contacts, in a call's time line, behind tasks."""

from campaigns.facts import AttemptStarted, SurveyAnswered
from campaigns.form_facts import AnswerTakenBack
from campaigns.ports import NewContact
from campaigns.survey import find_survey
from desk.facts import TaskOpened
from reports.survey_form import Text
from store.store import Store
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk

SURVEY = find_survey("return_visit")
OLDER = '{"quality": {"kind": "scale", "text": ["质量如何？", "Quality?"], "low": 1, "high": 3}}'


def low(task: str, question: str, score: str, form: str = SURVEY.version) -> TaskOpened:
    value = score.partition("/")[0]
    return TaskOpened(task, "low_survey", "", "", f"{question} {score}", "return_visit", form, question, value)


async def answered(store: Store) -> None:
    """Of contact 1 in call c-1: by today's form, nps of a version that nobody knows; of contact 2 by an older one."""
    await store.contacts.add("spring", [[NewContact("+8613800138000", "", 2), NewContact("+8613800138001", "", 3)]])
    await store.campaign_reports.keep(SURVEY.form)
    await store.campaign_reports.keep(type(SURVEY.form)("older", "return_visit", OLDER))
    log = store.log
    log.post("c-1", CallStarted("outbound", "4008001234", "+8613800138000"))
    log.post("c-1", AttemptStarted("a-1", "spring", 1))
    log.post("c-1", SurveyAnswered("spring", 1, "a-1", "may_i", "yes", "key", form=SURVEY.version))
    log.post("c-1", low("t-1", "quality", "2/5"))
    log.post("c-1", SurveyAnswered("spring", 1, "a-1", "quality", "2", "key", form=SURVEY.version))
    log.post("c-1", AnswerTakenBack("spring", 1, "a-1", "may_i"))
    log.post("c-1", SurveyAnswered("spring", 1, "a-1", "nps", "9", "key", form="unknown"))
    log.post("c-2", AttemptStarted("a-2", "spring", 2))
    await log.commit("c-2", SurveyAnswered("spring", 2, "a-2", "quality", "2", "key", form="older"))


async def test_answers_of_contacts_have_the_words_of_their_version(store: Store) -> None:
    await answered(store)
    one, two = await store.campaigns.results("spring")
    words = {answer.question: answer.words for answer in one.answers}
    assert words["quality"].said == Text("2 分（1–5 分）", "2 (1–5)")
    assert words["quality"].asked.zh.startswith("请问您对这次服务的质量满意吗")
    assert words["nps"].asked == Text() and words["nps"].said == Text()
    [older] = two.answers
    assert (older.form, older.words.asked.en, older.words.said.en) == ("older", "Quality?", "2 (1–3)")


async def test_a_time_line_tells_what_was_asked_and_said(store: Store) -> None:
    await answered(store)
    found = await store.calls.get("c-1")
    assert found is not None
    told = await store.calls.in_words(found.timeline)
    assert [event.seq for event in told] == [event.seq for event in found.timeline]
    fields = {event.name + str(event.fields.get("question", "")): event.fields for event in told}
    assert fields["survey.answeredmay_i"]["said"] == ["方便", "Yes"]
    assert fields["survey.answeredmay_i"]["value"] == "yes", "what is in the log stays"
    assert fields["survey.taken_backmay_i"]["asked"] == fields["survey.answeredmay_i"]["asked"]
    assert fields["survey.answerednps"]["asked"] == ["", ""]
    assert "asked" not in fields["call.started"]


async def test_a_task_behind_a_low_score_says_which(desk: Desk, store: Store) -> None:
    await answered(store)
    store.log.post("c-9", low("t-9", "nps", "3/10"))
    store.log.post("c-8", low("t-8", "nps", "3/10", form="unknown"))
    await store.log.commit("c-7", TaskOpened("t-7", "low_rating", "sales", "101", "1/5"))
    tasks = {task.id: task for task in await store.desk.tasks(closed=False, limit=9)}
    one = tasks["t-1"]
    assert (one.survey, one.form, one.question, one.value) == ("return_visit", SURVEY.version, "quality", "2")
    said = {name: (task.detail, task.detail_zh, task.detail_en) for name, task in tasks.items()}
    assert said["t-1"][0] == "quality 2/5"
    assert said["t-1"][1].startswith("请问您对这次服务的质量满意吗") and said["t-1"][1].endswith(" 2 分（1–5 分）")
    assert said["t-9"][2].endswith(" 3 (0–10)")
    assert said["t-8"] == ("nps 3/10", "", "") and said["t-7"] == ("1/5", "", "")
