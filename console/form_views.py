"""What an agent is shown to read and to fill in while he talks with a contact of a campaign; see ``console.views``."""

from dataclasses import dataclass

from campaigns.promised import PromisedCall


@dataclass(frozen=True, slots=True)
class PartView:
    """A piece of a script; ``kind``: heading, point or paragraph."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class WordsView:
    """Words in Chinese and English; either may be "" where there are none."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class OptionView:
    """One of the answers to choose from. ``bars``: whoever gives it is called by no campaign any more; ``promises``:
    he is promised a call.
    """

    value: str
    zh: str
    en: str
    bars: bool
    promises: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, ``said`` is read out before it. ``kind``: scale, nps or number (whole, ``low`` to ``high``), choice
    or yes_no (one of ``options``), or speech. The form is not filled in without the ``needed`` ones. ``answered`` with
    ``value``, of speech with ``text``.
    """

    name: str
    kind: str
    zh: str
    en: str
    said: list[WordsView]
    low: int
    high: int
    unit: WordsView
    options: list[OptionView]
    needed: bool
    answered: bool
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The form of ``campaign`` for a call with its contact ``name``: its script, then ``questions`` in order. Those
    behind one without an answer are the usual ones; ``said`` is read out at the end, ``missing`` still need an answer.
    ``result`` is what it makes of the attempt so far ("": nothing yet). ``by_hand``: an agent has called by himself.
    ``agents`` have talked in the call and may answer, until ``until`` (epoch seconds; None while it is up).
    ``promised`` stands in the reply to an answer that has promised him a call: when he is called.
    """

    call_id: str
    campaign: str
    contact: int
    name: str
    by_hand: bool
    survey: str
    form: str
    script: list[PartView]
    script_en: list[PartView]
    questions: list[QuestionView]
    said: list[WordsView]
    missing: list[str]
    result: str
    agents: list[str]
    until: float | None
    promised: PromisedCall | None = None
