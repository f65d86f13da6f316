"""Dispositions: what came of a talk, as a code that the house has chosen, with the fields that the code asks for."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from core.errors import ParseError

MISSING: Final = ""
"""In place of a code: one was demanded, and none was given."""
MOMENT_FORM: Final = "%Y-%m-%d %H:%M"
"""When a call was promised, where the house is."""
_NOTE_MOST: Final = 500
_NAME_MOST: Final = 60
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领][A-Z]"
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳领使]"
)
"""Of the mainland (GA 36): seven signs, eight for those of new energy."""
_IN_PLATES: Final = re.compile(r"[\s·•.\-]")


class FieldKind(StrEnum):
    """What may be told besides the code."""

    NOTE = "note"
    DATE = "date"
    PLATE = "plate"
    CUSTOMER = "customer"


class Then(StrEnum):
    """What a code means for the campaign that called."""

    NOTHING = ""
    REFUSE = "refuse"  # he wants no more calls, of any campaign
    CALL_AGAIN = "call_again"  # he is promised a call at the time told, by the agent who says it
    RETRY = "retry"  # he is tried again, as if nobody had been reached
    FINISHED = "finished"  # he is called no more for this


@dataclass(frozen=True, slots=True)
class Disposition:
    """A ``code`` with its name, Chinese and English. It is for calls out of ``queues`` (empty: of all), and whoever
    gives it must fill in the ``fields``. ``then`` is what it means for the campaign that called, with ``RETRY`` after
    the wait ``again`` (see ``campaigns.retry.parse_wait``); ``agreed``: he is interested in what was offered.
    """

    code: str
    zh: str
    en: str
    queues: frozenset[str] = frozenset()
    fields: tuple[FieldKind, ...] = ()
    then: Then = Then.NOTHING
    again: str = ""
    agreed: bool = False

    @property
    def asks_for(self) -> tuple[FieldKind, ...]:
        """The fields that must be filled in: a call that is promised has a time."""
        return (*self.fields, FieldKind.DATE) if self.then is Then.CALL_AGAIN else self.fields

    def suits(self, queue: str) -> bool:
        """Whether a call out of ``queue`` may be given this code."""
        return not self.queues or queue in self.queues


@dataclass(frozen=True, slots=True)
class Filled:
    """A code as it was given, with what was told besides; "" where nothing was. ``date`` is a day, or with a code that
    promises a call a day and a time: 2026-11-30 15:00.
    """

    code: str
    note: str = ""
    date: str = ""
    plate: str = ""
    customer: str = ""


def suiting(dispositions: Iterable[Disposition], queue: str) -> list[Disposition]:
    """The codes for calls out of ``queue``, in their order."""
    return [each for each in dispositions if each.suits(queue)]


def coded(dispositions: Iterable[Disposition], queue: str, code: str) -> Disposition:
    """The disposition of that code for calls out of ``queue``; ``ParseError`` where there is none."""
    chosen = next((each for each in dispositions if each.code == code and each.suits(queue)), None)
    if chosen is None:
        raise ParseError(f"there is no disposition {code[:40]!r} for calls of this queue", where="code")
    return chosen


def filled(dispositions: Iterable[Disposition], queue: str, code: str, values: Mapping[str, str]) -> Filled:
    """The code with ``values`` by field as the house keeps them. ``ParseError`` names the field that is wrong: a code
    that does not suit the queue, a field that must be filled in, or one that is not what it should be.
    """
    chosen = coded(dispositions, queue, code)
    read = {**_READ, FieldKind.DATE: _moment} if chosen.then is Then.CALL_AGAIN else _READ
    told = {kind: read[kind](values.get(kind, "").strip()) for kind in FieldKind}
    for kind in chosen.asks_for:
        if not told[kind]:
            raise ParseError(f"disposition {code!r} asks for this field", where=kind.value)
    return Filled(code, **{kind.value: text for kind, text in told.items()})


def _note(text: str) -> str:
    return _bounded(" ".join(text.split()), _NOTE_MOST, FieldKind.NOTE)


def _customer(text: str) -> str:
    return _bounded(" ".join(text.split()), _NAME_MOST, FieldKind.CUSTOMER)


def _bounded(text: str, most: int, kind: FieldKind) -> str:
    if len(text) > most:
        raise ParseError(f"longer than {most} characters", where=kind.value)
    return text


def _date(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ParseError("not a day; write it as 2026-11-30", where=FieldKind.DATE.value) from None


def _moment(text: str) -> str:
    if not text:
        return ""
    try:
        return datetime.strptime(text.replace("T", " "), MOMENT_FORM).strftime(MOMENT_FORM)
    except ValueError:
        raise ParseError("not a day with a time; write it as 2026-11-30 15:00", where=FieldKind.DATE.value) from None


def _plate(text: str) -> str:
    plate = _IN_PLATES.sub("", text).upper()
    if plate and not _PLATE.fullmatch(plate):
        raise ParseError("not a number plate, such as 沪A12345", where=FieldKind.PLATE.value)
    return plate


_READ: Final[Mapping[FieldKind, Callable[[str], str]]] = {
    FieldKind.NOTE: _note,
    FieldKind.DATE: _date,
    FieldKind.PLATE: _plate,
    FieldKind.CUSTOMER: _customer,
}
