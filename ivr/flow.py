"""The model of a flow: what a caller hears and can press or say, as a graph of named nodes.

Frozen values without behaviour; ``ivr.load`` builds them from a file, ``ivr.interpreter`` walks them. ``goto`` fields
name nodes of the same flow. Prompts are names that ``ivr.prompts`` turns into files. Times are in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

DIGITS: Final = frozenset("0123456789*#ABCD")


class Kind(StrEnum):
    """What kind of answer a question of a form wants."""

    SCALE = "scale"
    NPS = "nps"
    CHOICE = "choice"
    YES_NO = "yes_no"
    NUMBER = "number"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Words:
    """What an agent reads out or a page shows, in Chinese and English; either may be missing."""

    zh: str = ""
    en: str = ""


WORDLESS: Final = Words()


@dataclass(frozen=True, slots=True)
class ToQueue:
    """The caller goes to queue ``queue``, with a named ``priority`` ("": none) and ``skills`` (name and level) that he
    wants his agent to have. ``callback``: he would rather be called back than wait.
    """

    queue: str
    priority: str = ""
    skills: tuple[tuple[str, int], ...] = ()
    callback: bool = False


@dataclass(frozen=True, slots=True)
class ToAgent:
    """The caller goes to the phone of ``agent``."""

    agent: str


@dataclass(frozen=True, slots=True)
class ToVoicemail:
    """The caller leaves a message in ``box``; the journey records it."""

    box: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The flow has said all; the call is to be ended."""


@dataclass(frozen=True, slots=True)
class ToPromise:
    """The caller has said when he wants to be called: ``campaign`` ("": the one that has called him) is to do it then,
    with ``same_agent`` by the agent who talked with him last.
    """

    campaign: str = ""
    same_agent: bool = False


Outcome: TypeAlias = ToQueue | ToAgent | ToVoicemail | ToPromise | HangUp


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller answered at question or menu ``node``; ``how`` is key or speech, ``text`` what was heard."""

    node: str
    value: str
    how: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """How input is asked for, the same for menus and questions.

    ``prompts`` are said first; ``no_input``, ``invalid`` (key) and ``rejected`` (speech) are said after a failure and
    followed by ``again``. After ``tries`` failures in all the flow goes to ``fallback``. ``repeat_key`` ("" for none)
    and ``repeat_phrases`` say ``again`` without counting as a failure. Whoever says when he would rather be called
    (明天上午再打给我) goes to ``call_again``; "": that is not listened for.
    """

    prompts: tuple[str, ...]
    again: tuple[str, ...]
    fallback: str
    no_input: tuple[str, ...] = ("no_input",)
    invalid: tuple[str, ...] = ("invalid_input",)
    rejected: tuple[str, ...] = ("say_or_press",)
    tries: int = 3
    no_input_s: float = 5.0
    max_speech_s: float = 8.0
    repeat_key: str = ""
    repeat_phrases: tuple[str, ...] = ()
    barge_in_key: bool = True
    barge_in_voice: bool = True
    type_ahead: bool = False
    """Keys pressed before the node was reached count as its answer; otherwise they are forgotten."""
    call_again: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One way out of a menu: ``key`` ("" for speech only) or one of ``phrases`` (empty for key only). Whoever takes it
    wants to be called at ``moment``, in words as ``asr.moments`` reads them (明天上午); "": it does not say when.
    """

    name: str
    goto: str
    key: str = ""
    phrases: tuple[str, ...] = ()
    words: Words = WORDLESS
    moment: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """Say ``prompts`` to the end and go on."""

    name: str
    prompts: tuple[str, ...]
    goto: str
    words: Words = WORDLESS


@dataclass(frozen=True, slots=True)
class Menu:
    """Ask for one of ``choices``. ``keep``: the choice's name is kept as an answer.

    ``kind`` says what else is understood: of a choice its place (第二个), of yes and no the usual words for both. None:
    it only leads the way and is no question of a form, as "may I ask?". A form is filled in once all are answered that
    are ``required``.
    """

    name: str
    asking: Asking
    choices: tuple[Choice, ...]
    keep: bool = False
    kind: Kind | None = None
    words: Words = WORDLESS
    required: bool = True


@dataclass(frozen=True, slots=True)
class Branch:
    """Answers from ``low`` to ``high`` (both included) go to ``goto``."""

    low: int
    high: int
    goto: str


@dataclass(frozen=True, slots=True)
class Question:
    """Ask for a whole number from ``low`` to ``high`` by keys or speech and keep it as an answer.

    Keys end with ``terminator``, after ``inter_digit_s`` without a further key, or as soon as no further key could make
    a number in range (so 5 of 1–5 and 10 of 0–10 are taken at once, 1 of 0–10 waits). ``phrases`` maps a value to words
    that mean it (5: 非常满意). The first branch that holds the value decides where to go, else ``goto``.

    Of a scale (NPS: 0 to 10) a score is understood (打个九分), of a number how many ``unit`` there are (三万五千公里).
    A score up to ``low_score`` calls for somebody (below ``low``: none does; None: as is usual). ``required`` as in a
    menu.
    """

    name: str
    asking: Asking
    low: int
    high: int
    goto: str
    branches: tuple[Branch, ...] = ()
    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    terminator: str = "#"
    inter_digit_s: float = 2.5
    kind: Kind = Kind.SCALE
    words: Words = WORDLESS
    unit: Words = WORDLESS
    required: bool = True
    low_score: int | None = None


@dataclass(frozen=True, slots=True)
class WordBranch:
    """Remarks in which one of ``phrases`` is said go to ``goto``."""

    phrases: tuple[str, ...]
    goto: str


@dataclass(frozen=True, slots=True)
class Remark:
    """Ask for a remark in the caller's own words and keep it as an answer (``value`` "", ``text`` what was heard).
    Where nothing was said it goes to ``silent``, else to the first of ``branches`` of which a phrase was, else to
    ``goto``.

    It ends with the key ``terminator``, after ``no_input_s`` without a word, or ``pause_s`` of silence after one.
    Without a recogniser it ends with the key or after ``max_speech_s``; what was said is then on the recording only.
    """

    name: str
    prompts: tuple[str, ...]
    goto: str
    terminator: str = "#"
    no_input_s: float = 5.0
    pause_s: float = 2.5
    max_speech_s: float = 25.0
    branches: tuple[WordBranch, ...] = ()
    silent: str = ""
    """Empty: as ``goto``."""
    words: Words = WORDLESS
    required: bool = False


@dataclass(frozen=True, slots=True)
class HoursCheck:
    """Go on by the clock: ``calendar`` names one of the opening hours of the configuration."""

    name: str
    calendar: str
    open: str
    closed: str
    holiday: str
    """Where to go when it is closed because of a holiday or a date declared closed."""


@dataclass(frozen=True, slots=True)
class Goto:
    """A node that is only another name for ``goto``."""

    name: str
    goto: str


@dataclass(frozen=True, slots=True)
class Exit:
    """Say ``prompts``, then leave the flow with ``outcome``; ``result`` is a word for whoever ran it (surveys)."""

    name: str
    outcome: Outcome
    prompts: tuple[str, ...] = ()
    result: str = ""
    words: Words = WORDLESS


Node: TypeAlias = Play | Menu | Question | Remark | HoursCheck | Goto | Exit


@dataclass(frozen=True, slots=True)
class Flow:
    """A checked flow: every ``goto`` names a node. ``max_nodes`` bounds how many nodes one call may enter."""

    name: str
    start: str
    nodes: Mapping[str, Node]
    max_nodes: int = 100


@dataclass(frozen=True, slots=True)
class FlowResult:
    """How the flow ended and what was answered on the way, oldest first."""

    outcome: Outcome
    answers: tuple[Answer, ...] = ()
    result: str = ""
    """The ``result`` of the exit by which it was left."""
    call_at: float | None = None
    """When he wants to be called (epoch seconds), with what he ``wished``, in his words."""
    wished: str = ""
