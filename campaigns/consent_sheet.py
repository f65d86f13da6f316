"""From the rows of a list to consents: who has agreed to which calls, when, how, and by which evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType
from typing import Final, Self

from campaigns.columns import NUMBER_HEADINGS, clean, guess_columns
from campaigns.flaws import flaw_of, numbers_in, words
from campaigns.rule_facts import ConsentGiven
from campaigns.rules.evidence import check_evidence
from campaigns.rules.values import Purpose
from core.errors import ParseError
from core.headings import plain_heading
from core.moments import read_moment

_CLOCKS_DIFFER_S: Final = 300.0
_OLDEST_YEAR: Final = 1990
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "given_at": ("同意时间", "同意日期", "授权时间", "授权日期", "签署日期", "时间", "日期", "givenat", "given",
                     "agreedon", "date", "day"),
        "how": ("同意方式", "授权方式", "方式", "how", "way"),
        "evidence": ("同意凭证", "凭证", "证据", "evidence", "document"),
        "purpose": ("同意用途", "用途", "目的", "purpose"),
    }
)  # fmt: skip
FIELDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({"number": NUMBER_HEADINGS, **_HEADINGS})
"""What a consent is made of, with the headings of each."""
_NEEDED: Final = ("given_at", "how", "evidence")
_HOW: Final = {
    "written": "written", "书面": "written", "纸质": "written", "合同": "written",
    "online": "online", "网上": "online", "线上": "online", "网站": "online", "小程序": "online",
    "spoken": "spoken", "口头": "spoken", "通话中口头": "spoken", "电话": "spoken",
    "agent": "agent", "坐席": "agent", "坐席登记": "agent",
}  # fmt: skip
_PURPOSES: Final = {
    "promotion": Purpose.PROMOTION, "推广": Purpose.PROMOTION, "营销": Purpose.PROMOTION, "促销": Purpose.PROMOTION,
    "置换": Purpose.PROMOTION, "service": Purpose.SERVICE, "服务": Purpose.SERVICE, "回访": Purpose.SERVICE,
    "服务回访": Purpose.SERVICE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsentColumns:
    """Which column holds the number, and which the other fields; a list without ``purpose`` has one for all rows."""

    number: int
    fields: Mapping[str, int]

    @classmethod
    def of(cls, headings: Sequence[str], number: str = "") -> Self:
        """By the usual headings; ``number`` is the heading of the numbers' column where it is known. ``ParseError``
        names the columns that are missing.
        """
        plain = [plain_heading(clean(heading)) for heading in headings]
        fields = {
            field: plain.index(name) for field, names in _HEADINGS.items() for name in reversed(names) if name in plain
        }
        if missing := [field for field in _NEEDED if field not in fields]:
            said = "; ".join(f"{_HEADINGS[field][0]} ({field})" for field in missing)
            raise ParseError(f"缺少列 (no column is headed {said})", where="line 1")
        return cls(guess_columns(headings, (), numbers=(number,) if number else ()).numbers[0], fields)


@dataclass(frozen=True, slots=True)
class ConsentReader:
    """Reads rows that have ``columns``. ``purpose`` is for rows that name none, ``zone`` the one that days and times
    are of, ``now`` (epoch seconds) what a consent cannot be later than, ``by`` who puts them on record.
    """

    columns: ConsentColumns
    purpose: Purpose | None
    zone: tzinfo
    now: float
    by: str

    def read(self, cells: Sequence[str]) -> ConsentGiven:
        """The consent of one row; ``ParseError`` says what is wrong with it, Chinese first."""
        consent = ConsentGiven(
            number=_number(_cell(cells, self.columns.number)),
            purpose=_purpose(self._field(cells, "purpose"), self.purpose),
            how=_how(self._field(cells, "how")),
            evidence=_evidence(cells, self.columns.fields["evidence"]),
            given_at=self._given_at(self._field(cells, "given_at")),
            by=self.by,
        )
        check_evidence(consent.how, consent.evidence)
        return consent

    def _field(self, cells: Sequence[str], field: str) -> str:
        at = self.columns.fields.get(field)
        return "" if at is None else _cell(cells, at)

    def _given_at(self, text: str) -> float:
        """A day alone counts from its beginning, as on the page."""
        if not text:
            raise ParseError("没有同意时间 (no given_at)")
        try:
            moment = read_moment(text, self.zone)
        except ValueError:
            said = "同意时间不是日期 (given_at is not a time; write it as 2026-11-30 or 2026-11-30 14:05)"
            raise ParseError(said) from None
        if moment.year < _OLDEST_YEAR or moment.timestamp() > self.now + _CLOCKS_DIFFER_S:
            raise ParseError("同意时间在未来或太早 (given_at lies in the future, or too long ago)")
        return moment.timestamp()


def _cell(cells: Sequence[str], at: int) -> str:
    return clean(cells[at]) if at < len(cells) else ""


def _number(text: str) -> str:
    numbers = numbers_in(text)
    if not numbers:
        raise ParseError(words(*flaw_of(text)))
    if len(numbers) > 1:
        raise ParseError("一行只能有一个号码 (one number in a row)")
    return numbers[0]


def _purpose(text: str, otherwise: Purpose | None) -> Purpose:
    if not text:
        if otherwise is None:
            raise ParseError("没有同意用途：推广或服务 (no purpose: to which calls, promotion or service?)")
        return otherwise
    purpose = _PURPOSES.get(text.lower())
    if purpose is None:
        raise ParseError("用途须为推广或服务 (purpose is promotion or service)")
    return purpose


def _how(text: str) -> str:
    how = _HOW.get(text.lower())
    if how is None:
        raise ParseError("方式须为书面、网上、口头或坐席 (how is written, online, spoken or agent)")
    return how


def _evidence(cells: Sequence[str], at: int) -> str:
    """As it is written: it is found again by it."""
    text = cells[at] if at < len(cells) else ""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
