"""What has answered a call that we made: evidence in, a verdict out, as soon as there is one.

The machine is a table of (state, input) → state; a pair that it has not changes nothing. Before the answer nobody but
the network speaks, so that few words decide. After it a person wins wherever there is doubt: a machine is only what
says what machines say, beeps after it has spoken, or whistles like a fax.
"""

from collections.abc import Mapping
from enum import Enum, auto
from math import inf
from typing import Final

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
from asr.progress.verdict import Verdict, What, of_refusal
from asr.progress.words import MOST_HEARD, Words, spoken_length

SILENT_S: Final = 2.5
"""Who says nothing for so long after the answer is a person who waits for us to speak."""
GREETING: Final = 14
"""Syllables: whoever says no more than that before he falls silent has greeted us."""
BEEP_S: Final = 2.0
"""So long after a longer speech a beep may follow."""
LONGEST_S: Final = 10.0
"""Nothing decided by then: a person, in doubt."""
SPOKEN: Final = 4
"""Syllables before a beep is believed to be an answering machine's."""
_TONES_BEFORE: Final[Mapping[str, What]] = {"busy": What.BUSY, "congestion": What.UNREACHABLE, "ced": What.FAX}
_TONES_AFTER: Final[Mapping[str, What]] = {"busy": What.BUSY, "ced": What.FAX, "cng": What.FAX}
"""A busy tone on an answered call: the exchange beyond a gateway that has answered too soon."""


class State(Enum):
    """Where a call stands."""

    DIALLING = auto()
    EARLY = auto()  # the network sends sound
    LINE = auto()  # answered, nothing said yet
    SPEAKING = auto()
    SAID = auto()  # something long was said: a beep may follow
    DECIDED = auto()


class Input(Enum):
    """What evidence comes to."""

    EARLY_MEDIA = auto()
    ANSWERED = auto()
    SPEECH = auto()
    NO_SPEECH = auto()  # what seemed to be speech was none
    GREETING = auto()
    LONG_SPEECH = auto()
    GIVEN_AWAY = auto()  # by words, a tone, or the refusal
    TIME_UP = auto()


_TABLE: Final[Mapping[tuple[State, Input], State]] = {
    (State.DIALLING, Input.EARLY_MEDIA): State.EARLY,
    (State.DIALLING, Input.ANSWERED): State.LINE,
    (State.DIALLING, Input.GIVEN_AWAY): State.DECIDED,
    (State.EARLY, Input.ANSWERED): State.LINE,
    (State.EARLY, Input.GIVEN_AWAY): State.DECIDED,
    (State.LINE, Input.SPEECH): State.SPEAKING,
    (State.LINE, Input.GIVEN_AWAY): State.DECIDED,
    (State.LINE, Input.TIME_UP): State.DECIDED,
    (State.SPEAKING, Input.NO_SPEECH): State.LINE,
    (State.SPEAKING, Input.GREETING): State.DECIDED,
    (State.SPEAKING, Input.LONG_SPEECH): State.SAID,
    (State.SPEAKING, Input.GIVEN_AWAY): State.DECIDED,
    (State.SPEAKING, Input.TIME_UP): State.DECIDED,
    (State.SAID, Input.SPEECH): State.SPEAKING,
    (State.SAID, Input.GIVEN_AWAY): State.DECIDED,
    (State.SAID, Input.TIME_UP): State.DECIDED,
}
_LASTS_S: Final[Mapping[State, float]] = {State.LINE: SILENT_S, State.SAID: BEEP_S}
_OF_A_PERSON: Final[Mapping[State, str]] = {
    State.LINE: "nobody spoke first",
    State.SPEAKING: "nothing that only machines say",
    State.SAID: "a long greeting without a beep",
}


class Progress:
    """One call. ``take`` evidence in the order of its times, and ``TimePasses`` when ``due_s`` has come."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._said = ""
        self._heard = 0
        """Syllables since the answer, but for those that are being said."""
        self._saying = 0
        self._answered_s = inf
        self._entered_s = 0.0
        self.state = State.DIALLING
        self.so_far: What | None = None
        """``ringing`` where it rings at the far end, as ring-back or as a colour ring."""
        self.verdict: Verdict | None = None

    @property
    def due_s(self) -> float:
        """When time alone decides; infinity while it does not."""
        if self.state is State.DECIDED or self._answered_s == inf:
            return inf
        return min(self._entered_s + _LASTS_S.get(self.state, inf), self._answered_s + LONGEST_S)

    def take(self, evidence: Evidence) -> Verdict | None:
        """The verdict, once there is one; it stands."""
        if self.verdict is None:
            self._take(evidence)
        return self.verdict

    def _take(self, evidence: Evidence) -> None:
        match evidence:
            case EarlyMedia(at_s=at_s):
                self._step(Input.EARLY_MEDIA, at_s)
            case Answered(at_s=at_s):
                if self._step(Input.ANSWERED, at_s):
                    self._said, self._heard, self._saying, self.so_far = "", 0, 0, None
                    self._answered_s = at_s
            case SpeechBegins(at_s=at_s):
                if self.state is State.EARLY:
                    self.so_far = What.RINGING
                self._step(Input.SPEECH, at_s)
            case WordsHeard():
                self._take_words(evidence)
            case ToneSounds():
                self._take_tone(evidence)
            case Refused(at_s=at_s, status=status, cause=cause):
                if (what := of_refusal(status, cause)) is not None and self._answered_s == inf:
                    self._decide(what, f"refused with {status}" + (f", cause {cause}" if cause else ""), at_s)
            case TimePasses(at_s=at_s):
                if at_s >= self.due_s:
                    self._decide(What.PERSON, _OF_A_PERSON[self.state], at_s, Input.TIME_UP)

    def _take_words(self, evidence: WordsHeard) -> None:
        at_s, text = evidence.at_s, evidence.text
        self._step(Input.SPEECH, at_s)
        said = (self._said + text)[-MOST_HEARD:]
        answered = self._answered_s < inf
        given = self._words.give_away(said, answered=answered) if text else None
        if given is not None:
            self._decide(given.what, f"said “{given.phrase}” (heard: {said[-60:]})", at_s)
            return
        length = spoken_length(text)
        if not evidence.over:
            self._saying = length
            return
        self._said, self._saying = said, 0
        self._heard += length
        if not length:
            self._step(Input.NO_SPEECH, at_s)
        elif length > GREETING:
            self._step(Input.LONG_SPEECH, at_s)
        elif answered:
            self._decide(What.PERSON, f"a short greeting (heard: {text[-60:]})", at_s, Input.GREETING)

    def _take_tone(self, evidence: ToneSounds) -> None:
        at_s, tone = evidence.at_s, evidence.tone
        if self._answered_s == inf:
            if tone == "ringback":
                self.so_far = What.RINGING
            what = _TONES_BEFORE.get(tone)
        else:
            what = _TONES_AFTER.get(tone)
            if tone == "beep" and self._heard + self._saying >= SPOKEN:
                what = What.BEEP
        if what is not None:
            self._decide(what, f"tone {tone}", at_s)

    def _decide(self, what: What, why: str, at_s: float, given: Input = Input.GIVEN_AWAY) -> None:
        if self._step(given, at_s):
            self.verdict = Verdict(what, why, at_s)

    def _step(self, given: Input, at_s: float) -> bool:
        """Whether the table has it."""
        following = _TABLE.get((self.state, given))
        if following is None:
            return False
        self.state, self._entered_s = following, at_s
        return True
