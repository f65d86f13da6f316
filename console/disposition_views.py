"""What came of calls, as the API tells it."""

from dataclasses import dataclass

from campaigns.promised import PromisedCall


@dataclass(frozen=True, slots=True)
class DispositionEntry:
    """A code as configured, with its name in both languages, for calls out of ``queues`` (none: of all). Its ``fields``
    (of ``desk.dispositions.FieldKind``) must be filled in. ``then`` (of ``desk.dispositions.Then``) is what it means
    for a campaign's contact; with "call_again" the date is a day with a time, 2026-11-30 15:00.
    """

    code: str
    zh: str
    en: str
    queues: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    then: str = ""


@dataclass(frozen=True, slots=True)
class DispositionSaid:
    """What account ``by`` said ``at`` (epoch seconds) of the talk of ``agent``, who had the call out of ``queue``;
    ``code`` is "" where one was demanded and none given. Of each talk the last word ``stands``. ``promised`` stands in
    the answer to who has just said it: when the contact of a campaign is called whom it has promised a call.
    """

    agent: str
    queue: str
    code: str
    at: float
    by: str = ""
    note: str = ""
    date: str = ""
    plate: str = ""
    customer: str = ""
    stands: bool = True
    promised: PromisedCall | None = None
