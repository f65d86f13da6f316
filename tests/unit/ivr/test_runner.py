"""Whole calls through flows on real asyncio and virtual time. Each clip lasts two seconds."""

import asyncio
from pathlib import Path

import pytest

from campaigns.survey import find_survey
from core.bus import MemoryLog
from core.errors import LegEnded
from ivr.facts import FlowEntered, FlowLeft, InputFailed, MenuChosen, QuestionAnswered
from ivr.flow import Answer, Flow, FlowResult, HangUp, ToQueue, ToVoicemail
from ivr.hours import Hours
from ivr.hours_text import parse_hours
from ivr.load import load_flow
from ivr.prompts import Prompts
from ivr.runner import run_flow
from tests.unit.ivr.doubles import FakeEars, FakeLeg, Timeline

MAIN = load_flow(Path(__file__).parents[3] / "ivr" / "flows" / "main.toml")
SURVEY = find_survey("return_visit").flow
PROMPTS = Prompts()
OPEN = {"main": parse_hours(["daily 00:00-24:00"], holidays="")}
NEVER = {"main": parse_hours([], holidays="")}


class Call:
    """One caller in one flow."""

    def __init__(self, flow: Flow = MAIN, hours: dict[str, Hours] = OPEN, *, ears_away: bool = False) -> None:
        self.time = Timeline()
        self.leg = FakeLeg(self.time)
        self.ears = FakeEars(self.time, away=ears_away)
        self.log = MemoryLog(self.time.clock)
        self.answers: list[Answer] = []
        self._flow = flow
        self._hours = hours

    async def run(self, *, with_ears: bool = True) -> FlowResult:
        return await self.time.run(self.start(with_ears=with_ears))

    async def start(self, *, with_ears: bool = True) -> FlowResult:
        return await run_flow(
            self._flow,
            self.leg,
            ears=self.ears if with_ears else None,
            log=self.log,
            clock=self.time.clock,
            prompts=PROMPTS,
            hours=self._hours,
            on_answer=self.answers.append,
            sleep=self.time.sleep,
        )

    def facts(self) -> list[object]:
        return [event.fact for event in self.log.events]


async def test_key_after_the_menu_leads_to_its_queue() -> None:
    call = Call()
    call.leg.press("2", at=7.0)  # welcome 0-2, notice 2-4, menu 4-6
    result = await call.run()
    assert result == FlowResult(ToQueue("service"))
    assert call.leg.heard == [
        (0.0, "welcome"),
        (2.0, "recording_notice"),
        (4.0, "menu_main"),
    ]
    assert call.facts() == [
        FlowEntered("main"),
        MenuChosen("menu", "service", "key"),
        FlowLeft("main", "queue", "service"),
    ]
    assert call.leg.end is None
    assert not call.leg.tapped
    assert all(listening.closed for listening in call.ears.all)


async def test_key_during_the_menu_cuts_it_at_once() -> None:
    call = Call()
    call.leg.press("3", at=4.5)
    result = await call.run()
    assert result.outcome == ToQueue("tradein")
    assert call.leg.cut == ["menu_main"]
    assert round(call.time.at, 3) == 4.5


async def test_type_ahead_during_the_greeting_answers_the_menu() -> None:
    call = Call()
    call.leg.press("4", at=1.0)
    result = await call.run()
    assert result.outcome == ToQueue("complaint")
    assert call.leg.heard[:2] == [(0.0, "welcome"), (2.0, "recording_notice")]
    assert round(call.time.at, 3) == 4.0  # the notice is law: it is heard to its end


async def test_voice_stops_the_menu_and_chooses_by_sound() -> None:
    call = Call()
    call.ears.says("我要头诉", at=4.5, lasts_s=1.5)  # a homophone, as recognisers write them
    result = await call.run()
    assert result.outcome == ToQueue("complaint")
    assert call.leg.cut == ["menu_main"]
    assert round(call.time.at, 3) == 6.0
    chosen = [fact for fact in call.facts() if isinstance(fact, MenuChosen)]
    assert [(fact.choice, fact.how) for fact in chosen] == [("complaint", "speech")]
    assert "投诉" in call.ears.asked[0]


async def test_unclear_speech_is_asked_again_and_not_guessed() -> None:
    call = Call()
    call.ears.says("今天天气怎么样", at=7.0)
    call.leg.press("1", at=13.0)
    result = await call.run()
    assert result.outcome == ToQueue("sales")
    assert call.leg.prompts[3:] == ["say_or_press", "menu_main"]
    assert InputFailed("menu", "rejected") in call.facts()
    assert len(call.ears.all) == 2


async def test_silence_wrong_key_then_noise_ends_at_the_fallback() -> None:
    call = Call()
    call.leg.press("7", at=18.0)  # silence until 11, then no_input 11-13, menu 13-15, 7 at 18
    call.ears.says("", at=23.0)  # invalid_input 18-20, menu 20-22
    result = await call.run()
    assert result.outcome == ToQueue("general")
    failed = [fact.why for fact in call.facts() if isinstance(fact, InputFailed)]
    assert failed == ["no_input", "invalid", "no_input"]
    assert call.leg.prompts == [
        "welcome",
        "recording_notice",
        "menu_main",
        "no_input",
        "menu_main",
        "invalid_input",
        "menu_main",
    ]


async def test_repeat_key_and_repeat_phrase_do_not_count_as_failures() -> None:
    call = Call()
    for at in (7.0, 10.0, 13.0, 16.0):
        call.leg.press("*", at=at)
    call.ears.says("再说一遍", at=19.0)
    call.leg.press("0", at=23.0)
    result = await call.run()
    assert result.outcome == ToQueue("general")
    assert call.leg.prompts.count("menu_main") == 6
    assert not [fact for fact in call.facts() if isinstance(fact, InputFailed)]


async def test_repeating_for_ever_ends_by_itself() -> None:
    call = Call()
    for turn in range(150):
        call.leg.press("*", at=4.1 + turn * 0.1)
    result = await call.run()
    assert result.outcome == HangUp()


@pytest.mark.parametrize("with_ears", [True, False])
async def test_without_a_recogniser_keys_still_work(with_ears: bool) -> None:
    call = Call(ears_away=True)
    call.leg.press("2", at=8.0)
    result = await call.run(with_ears=with_ears)
    assert result.outcome == ToQueue("service")
    assert round(call.time.at, 3) == 8.0


async def test_recogniser_that_breaks_in_the_middle_leaves_the_no_input_time_alone() -> None:
    call = Call()
    call.ears.breaks(at=7.0)
    call.leg.press("1", at=12.0)  # during no_input, which begins at 11 as always
    result = await call.run()
    assert result.outcome == ToQueue("sales")
    assert (11.0, "no_input") in call.leg.heard


async def test_recogniser_that_hangs_in_an_utterance_is_given_up() -> None:
    call = Call()
    call.ears.hangs(at=7.0)
    call.leg.press("1", at=25.0)
    result = await call.run()
    assert result.outcome == ToQueue("sales")
    assert (18.0, "no_input") in call.leg.heard  # 7 + 8 s of speech at most + 3 s of grace


async def test_key_goes_before_speech_that_is_still_being_recognised() -> None:
    call = Call()
    call.ears.says("我要投诉", at=7.0, lasts_s=3.0)
    call.leg.press("2", at=8.0)
    result = await call.run()
    assert result.outcome == ToQueue("service")


async def test_closed_leads_to_voicemail() -> None:
    call = Call(hours=NEVER)
    result = await call.run()
    assert result.outcome == ToVoicemail("main")
    assert call.leg.prompts == ["closed_hours", "leave_message"]
    assert call.facts()[-1] == FlowLeft("main", "voicemail", "main")


async def test_caller_who_hangs_up_is_noted_and_everything_is_ended() -> None:
    call = Call()
    task = asyncio.ensure_future(call.start())
    await call.time.settle()
    while call.time.at < 5.0:
        assert await call.time.step()
        if call.time.at >= 4.0:
            break
    call.leg.hung_up_by_far_end()
    task.cancel()  # as the journey does
    await call.time.settle()
    assert task.cancelled()
    assert call.facts()[-1] == FlowLeft("main", "caller_hung_up")
    assert all(listening.closed for listening in call.ears.all)
    assert len(asyncio.all_tasks()) == 1


async def test_leg_that_ended_raises() -> None:
    call = Call()
    call.leg.hung_up_by_far_end()
    with pytest.raises(LegEnded):
        await call.run()
    assert call.facts()[-1] == FlowLeft("main", "caller_hung_up")


async def test_survey_by_keys_with_a_two_digit_score() -> None:
    call = Call(SURVEY)
    call.leg.press("1", at=3.0)
    call.leg.press("5", at=6.0)
    call.leg.press("10", at=9.0)
    result = await call.run()
    assert result.outcome == HangUp()
    assert result.result == "completed"
    assert result.answers == (
        Answer("may_i", "yes", "key"),
        Answer("quality", "5", "key"),
        Answer("nps", "10", "key"),
    )
    assert call.answers == list(result.answers)
    assert call.leg.heard[-2:] == [(9.0, "survey_reason"), (16.0, "survey_end")]  # 5 s of silence
    assert QuestionAnswered("nps", "10", "key") in call.facts()


@pytest.mark.parametrize(("keys", "taken_at"), [("1", 12.0), ("1#", 9.0), ("0", 9.0), ("7", 9.0)])
async def test_one_of_ten_waits_for_a_second_key(keys: str, taken_at: float) -> None:
    call = Call(SURVEY)
    call.leg.press("1", at=3.0)
    call.leg.press("5", at=6.0)
    call.leg.press(keys, at=9.0)
    result = await call.run()
    assert result.answers[-1] == Answer("nps", keys[0], "key")
    assert (taken_at, "survey_reason") in call.leg.heard
    assert ("survey_sorry" in call.leg.prompts) == (keys != "7")


async def test_survey_by_voice() -> None:
    call = Call(SURVEY)
    call.ears.says("可以，你问吧。", at=1.0)
    call.ears.says("不太满意", at=3.0)
    call.ears.says("我打三分，等得太久了。", at=6.5)
    call.ears.says("交车的时间晚了两个小时，", at=10.0, lasts_s=3.0)
    call.ears.says("也没有人通知我。", at=15.0, lasts_s=2.0)
    result = await call.run()
    assert [(answer.node, answer.value, answer.how) for answer in result.answers] == [
        ("may_i", "yes", "speech"),
        ("quality", "2", "speech"),
        ("nps", "3", "speech"),
        ("reason_of_low", "", "speech"),
    ]
    assert result.answers[2].text == "我打三分，等得太久了。"
    assert result.answers[3].text == "交车的时间晚了两个小时，也没有人通知我。"
    assert (19.5, "survey_sorry") in call.leg.heard  # 2.5 s after the last word
    assert call.leg.prompts[-2:] == ["survey_sorry", "survey_end"]


async def test_key_ends_a_remark_but_its_last_words_are_waited_for() -> None:
    call = Call(SURVEY)
    for at, keys in ((3.0, "1"), (6.0, "5"), (9.0, "10"), (14.0, "#")):
        call.leg.press(keys, at=at)
    call.ears.says("维修师傅很专业", at=12.0, lasts_s=2.8)
    result = await call.run()
    assert result.answers[-1] == Answer("reason", "", "speech", "维修师傅很专业")
    assert (14.8, "survey_end") in call.leg.heard


@pytest.mark.parametrize(("keys", "over_at"), [("", 36.0), ("#", 20.0)])
async def test_remark_without_a_recogniser_is_left_to_the_recording(keys: str, over_at: float) -> None:
    call = Call(SURVEY)
    for at, pressed in ((3.0, "1"), (6.0, "5"), (9.0, "10"), (20.0, keys)):
        call.leg.press(pressed, at=at)
    result = await call.run(with_ears=False)
    assert len(result.answers) == 3
    assert (over_at, "survey_end") in call.leg.heard


async def test_survey_refused() -> None:
    call = Call(SURVEY)
    call.ears.says("我现在不方便。", at=3.0)
    result = await call.run()
    assert result.result == "refused"
    assert call.leg.prompts[-1] == "survey_later"


async def test_keys_of_the_question_before_do_not_answer_the_next_one() -> None:
    call = Call(SURVEY)
    call.leg.press("155#", at=3.0)  # impatient fingers: only the first counts, the rest is forgotten
    result = await call.run()
    assert result.answers == (Answer("may_i", "yes", "key"),)
    assert result.result == "no_reply"


async def test_out_of_range_is_invalid_and_asked_again() -> None:
    call = Call(SURVEY)
    call.leg.press("1", at=3.0)
    call.leg.press("9", at=6.0)  # of 1 to 5
    call.leg.press("4", at=8.0)
    call.leg.press("12", at=11.0)  # 12 of 0 to 10
    call.leg.press("6", at=13.0)
    result = await call.run()
    assert [answer.value for answer in result.answers] == ["yes", "4", "6"]
    assert call.leg.prompts.count("invalid_input") == 2
