"""What the console shows of how campaigns call; see ``console.views``."""

from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, TypeAlias

from console.calling_views import DecisionView

PlanValue: TypeAlias = str | bool | int | float | list[str]


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One of the values that a field may have, with its words and what it means. It can be chosen in ``modes`` (none:
    in all); those of one group stand together.
    """

    value: str
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""
    modes: list[str] = field(default_factory=list)
    group_zh: str = ""
    group_en: str = ""


FieldKind: TypeAlias = Literal["text", "choice", "suggested", "int", "number", "lines", "prose", "bool"]
"""``suggested``: one of the choices, any text where there are none; ``lines``: a list of texts, one a line; ``prose``:
one text of many lines."""


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a campaign's form as the page has it and ``service.campaign_field`` says it. Fields of one ``part``
    stand together: "" is the main one, "dialling", "retry" (who is tried again), "limits", "afterwards". It counts in
    ``modes`` (none: in all). ``hint`` says what it does, ``unit`` what it is counted in, ``none`` how to come by
    something to choose where there is nothing. ``live``: a change holds at once while the campaign runs; others need it
    paused, with its calls over.
    """

    key: str
    kind: FieldKind
    zh: str
    en: str
    _: KW_ONLY
    part: str = ""
    modes: tuple[str, ...] = ()
    live: bool = False
    unit_zh: str = ""
    unit_en: str = ""
    hint_zh: str = ""
    hint_en: str = ""
    none_zh: str = ""
    none_en: str = ""


@dataclass(frozen=True, slots=True)
class FieldView(FormField):
    """``default`` is what holds where it is left out, None where it must be told."""

    default: PlanValue | None
    choices: list[ChoiceView]


@dataclass(frozen=True, slots=True)
class ToldView:
    """What is said of the field ``key`` of a form."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """How a campaign calls, by the keys that count in its mode. ``source``: "config" (the file; it cannot be changed
    here) or "page". With ``faults`` it cannot be started; ``warnings`` deserve a second look.
    """

    name: str
    source: str
    values: dict[str, PlanValue]
    faults: list[ToldView]
    warnings: list[ToldView]
    made_at: float | None = None
    made_by: str = ""
    changed_at: float | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """What would be said of a campaign that is not kept yet."""

    faults: list[ToldView]
    warnings: list[ToldView]


@dataclass(frozen=True, slots=True)
class RehearsedContact:
    """A contact, and what would be decided about him now."""

    contact: int
    name: str
    number: str
    decision: DecisionView


@dataclass(frozen=True, slots=True)
class RuleCount:
    """So many contacts by this rule."""

    rule: str
    zh: str
    en: str
    contacts: int


@dataclass(frozen=True, slots=True)
class RehearsalView:
    """A dry run, see ``campaigns.rehearsal.Rehearsal``. ``forbidden`` is the rule by which nobody at all may be called
    (None where there is none); ``never`` are those whom a rule forbids for good.
    """

    campaign: str
    at: float
    pending: int
    looked_at: int
    allowed: int
    forbidden: DecisionView | None
    contacts: list[RehearsedContact]
    waiting: list[RuleCount]
    never: list[RuleCount]
    barred: list[RuleCount]
