"""What the console shows of surveys that supervisors write; see ``console.views``."""

from dataclasses import dataclass, field

from pydantic import JsonValue


@dataclass(frozen=True, slots=True)
class SurveyTitle:
    """What people call the survey ``id``; one that is not listed goes by its id."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SurveyUse:
    """A campaign that asks it; ``by``: "voice" or "agents"."""

    campaign: str
    by: str


@dataclass(frozen=True, slots=True)
class SurveyTold:
    """What is said of ``key`` of the item ``node``; either is "" where it is about the whole."""

    node: str
    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SurveyView:
    """A survey. ``source``: "page", or where it can be read and copied only, "config" (a file that the configuration
    names) or "shipped". ``number`` is its version (0: of a file), ``form`` marks that in its answers. Agents can ask it
    unless it is a ``notice``, a voice can where it is ``spoken``: nothing is to be recorded for it any more.
    """

    name: str
    source: str
    number: int
    form: str
    questions: int
    notice: bool
    spoken: bool
    used: list[SurveyUse]
    faults: list[SurveyTold]
    at: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class SurveyVersion:
    """One of its versions: who wrote it, and when."""

    number: int
    form: str
    at: float
    by: str


@dataclass(frozen=True, slots=True)
class SurveyPaperView:
    """A survey to be read, changed or copied: its ``nodes`` in order, each with its ``name`` and the keys that a survey
    file has for its kind. ``versions``, newest first; none of a file.
    """

    name: str
    source: str
    number: int
    nodes: list[dict[str, JsonValue]]
    versions: list[SurveyVersion]


@dataclass(frozen=True, slots=True)
class SurveyCheck:
    """What would be said of a survey that is not kept yet. With ``faults`` it cannot be kept; ``warnings`` deserve a
    second look; ``unspoken``: what a voice would need, agents can ask it without.
    """

    faults: list[SurveyTold]
    warnings: list[SurveyTold]
    unspoken: list[SurveyTold] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PromptView:
    """A recording that was handed over: the name by which ``prompts`` of a node say it, and how long it is."""

    name: str
    seconds: float
