"""The classifier of what answers: its table, its times, and how its evidence weighs."""

import itertools
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.progress.announcements import shipped
from asr.progress.classifier import _TABLE, BEEP_S, LONGEST_S, SILENT_S, Input, Progress, State
from asr.progress.evidence import (
    Answered,
    EarlyMedia,
    Evidence,
    Refused,
    SpeechBegins,
    TimePasses,
    ToneSounds,
    WordsHeard,
)
from asr.progress.verdict import Verdict, What
from asr.progress.words import Words

WORDS = Words(shipped())
LONG = "您好这里是四海汽车销售服务有限公司今天天气很好欢迎光临"


def judge(*evidence: Evidence) -> Verdict | None:
    progress = Progress(WORDS)
    verdict = None
    for each in evidence:
        verdict = progress.take(each)
    return verdict


def what(*evidence: Evidence) -> What | None:
    verdict = judge(*evidence)
    return verdict.what if verdict is not None else None


def test_the_table_leads_from_every_state_to_a_decision() -> None:
    for state in set(State) - {State.DECIDED}:
        assert _TABLE[state, Input.GIVEN_AWAY] is State.DECIDED
    assert not any(state is State.DECIDED for state, _ in _TABLE)
    for state in (State.LINE, State.SPEAKING, State.SAID):
        assert _TABLE[state, Input.TIME_UP] is State.DECIDED
    for state, given_ in itertools.product(
        (State.DIALLING, State.EARLY), (Input.TIME_UP, Input.GREETING, Input.SPEECH)
    ):
        assert (state, given_) not in _TABLE  # before the answer time decides nothing, and nobody greets


def test_an_announcement_before_the_answer_decides_at_its_deciding_words() -> None:
    early = EarlyMedia(1.0), SpeechBegins(2.0)
    assert what(*early, WordsHeard(3.0, "您好，您拨打的", over=False)) is None
    verdict = judge(
        *early, WordsHeard(3.0, "您好，您拨打的", over=False), WordsHeard(4.0, "您好您拨打的用户已关机", over=False)
    )
    assert verdict is not None
    assert (verdict.what, verdict.at_s) == (What.POWERED_OFF, 4.0)
    assert "已关机" in verdict.why


def test_an_announcement_in_two_pieces_is_one() -> None:
    pieces = WordsHeard(3.0, "您好您拨打的用户已", over=True), WordsHeard(4.0, "关机请稍后", over=False)
    assert what(EarlyMedia(1.0), SpeechBegins(2.0), *pieces) is What.POWERED_OFF


@pytest.mark.parametrize(
    ("tone", "decided"),
    [("busy", What.BUSY), ("congestion", What.UNREACHABLE), ("ced", What.FAX), ("ringback", None), ("beep", None)],
)
def test_tones_before_the_answer(tone: str, decided: What | None) -> None:
    assert what(EarlyMedia(0.0), ToneSounds(3.0, tone)) is decided


def test_ringing_is_told_but_decides_nothing() -> None:
    for sound in (ToneSounds(3.0, "ringback"), SpeechBegins(3.0)):  # ring-back, or a colour ring with a voice
        progress = Progress(WORDS)
        progress.take(EarlyMedia(0.0))
        assert progress.take(sound) is None
        assert progress.so_far is What.RINGING
        assert progress.due_s == inf
        progress.take(Answered(9.0))
        assert progress.so_far is None


def test_a_refusal_says_what_the_network_knows() -> None:
    assert what(Refused(1.0, 404, 1)) is What.EMPTY_NUMBER
    assert what(EarlyMedia(0.0), Refused(1.0, 486)) is What.BUSY
    assert what(Refused(1.0, 503)) is None


@pytest.mark.parametrize("greeting", ["喂，你好", "喂", "为你好哪位。", "我现在不方便接电话"])
def test_a_short_greeting_is_a_person_at_once(greeting: str) -> None:
    verdict = judge(Answered(10.0), SpeechBegins(10.4), WordsHeard(11.9, greeting, over=True))
    assert verdict is not None
    assert (verdict.what, verdict.at_s) == (What.PERSON, 11.9)


def test_who_says_nothing_is_a_person() -> None:
    progress = Progress(WORDS)
    progress.take(Answered(10.0))
    assert progress.due_s == 10.0 + SILENT_S
    assert progress.take(TimePasses(12.0)) is None
    verdict = progress.take(TimePasses(10.0 + SILENT_S))
    assert verdict is not None
    assert verdict.what is What.PERSON


def test_who_speaks_on_and_on_without_words_of_a_machine_is_a_person_in_doubt() -> None:
    progress = Progress(WORDS)
    for each in (Answered(0.0), SpeechBegins(0.5), WordsHeard(2.0, "我跟你说啊", over=False)):
        progress.take(each)
    assert progress.due_s == LONGEST_S
    verdict = progress.take(TimePasses(LONGEST_S))
    assert verdict is not None
    assert verdict.what is What.PERSON


def test_a_long_greeting_may_be_followed_by_a_beep_and_else_is_a_person() -> None:
    told = Answered(0.0), SpeechBegins(0.5), WordsHeard(6.0, LONG, over=True)
    assert what(*told) is None
    assert what(*told, ToneSounds(7.0, "beep")) is What.BEEP
    assert what(*told, TimePasses(6.0 + BEEP_S)) is What.PERSON
    assert what(*told, SpeechBegins(6.5), WordsHeard(8.0, "请在滴声后留言", over=False)) is What.VOICEMAIL


def test_a_beep_or_noise_before_anybody_spoke_is_no_machine() -> None:
    assert what(Answered(0.0), ToneSounds(1.0, "beep")) is None
    noise = Answered(0.0), SpeechBegins(0.5), WordsHeard(1.5, "", over=True)
    assert what(*noise) is None
    assert what(*noise, TimePasses(1.5 + SILENT_S)) is What.PERSON
    assert what(*noise, ToneSounds(2.0, "beep")) is None


def test_fax_machines_whistle() -> None:
    for tone in ("ced", "cng"):
        assert what(Answered(0.0), ToneSounds(1.0, tone)) is What.FAX


def test_words_before_the_answer_say_nothing_of_who_answers() -> None:
    ring = EarlyMedia(0.0), SpeechBegins(1.0), WordsHeard(2.0, "您拨打的", over=True)
    assert what(*ring, Answered(5.0), SpeechBegins(5.5), WordsHeard(6.0, "手机已关机了", over=True)) is What.PERSON


def test_the_first_verdict_stands() -> None:
    assert what(EarlyMedia(0.0), ToneSounds(1.0, "busy"), WordsHeard(2.0, "已关机", over=True)) is What.BUSY


times = st.floats(0, 30)
evidences = st.lists(
    st.one_of(
        st.builds(EarlyMedia, times),
        st.builds(Answered, times),
        st.builds(SpeechBegins, times),
        st.builds(WordsHeard, times, st.sampled_from(["", "喂你好", "您拨打的用户", "已关机", LONG]), st.booleans()),
        st.builds(ToneSounds, times, st.sampled_from(["ringback", "busy", "beep", "cng", "over"])),
        st.builds(Refused, times, st.sampled_from([404, 486, 503]), st.sampled_from([None, 1, 17])),
        st.builds(TimePasses, times),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(evidences)
def test_any_evidence_in_any_order_ends_in_time(evidence: list[Evidence]) -> None:
    progress = Progress(WORDS)
    answered: float | None = None
    for each in sorted(evidence, key=lambda one: one.at_s):
        progress.take(each)
        if isinstance(each, Answered) and answered is None and progress.verdict is None:
            answered = each.at_s
        if progress.verdict is not None:
            assert progress.due_s == inf
            return
    if answered is None:
        assert progress.due_s == inf
        return
    while progress.verdict is None:
        assert progress.due_s <= answered + LONGEST_S
        progress.take(TimePasses(progress.due_s))
    assert progress.verdict.what is What.PERSON
