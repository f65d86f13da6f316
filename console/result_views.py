"""What the console shows of a campaign's contacts, and of what came of them; see ``console.views``."""

from dataclasses import dataclass, field

from reports.answer_words import NO_WORDS, AnswerWords


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered question of a survey; ``words`` are those of the version in which it was asked (``form``)."""

    question: str
    value: str
    how: str = ""
    text: str = ""
    form: str = ""
    words: AnswerWords = NO_WORDS


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """One contact with what came of it; ``call_id`` "" where it was not called yet. ``called`` so often; while he waits
    to be called (again) ``last`` is what came of it so far, and he is not called before ``again_at`` (None: any time).
    ``state``: pending, dialling (he is being called) or done. ``dialled`` is the number that was called last,
    ``others`` his numbers besides that of the list, ``fields`` the list's own columns.
    """

    contact: int
    name: str
    number: str
    result: str
    at: float | None
    call_id: str
    answers: list[Answer]
    called: int = 0
    last: str = ""
    again_at: float | None = None
    promised_at: float | None = None
    wanted_agent: str = ""
    state: str = ""
    dialled: str = ""
    others: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactCount:
    """So many contacts fit."""

    contacts: int
