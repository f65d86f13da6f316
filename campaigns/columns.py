"""Which columns of a list hold the phone number and the name: by the usual headings, else by what is in them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from core.numbers import normalise

_NUMBER_HEADINGS: Final = (
    "手机号码", "手机号", "手机", "移动电话", "联系手机", "电话号码", "联系电话", "电话", "号码", "客户电话",
    "车主电话", "座机", "固定电话",
    "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "phone", "phonenumber", "telephone", "tel", "number",
    "msisdn", "contactnumber",
)  # fmt: skip
_NAME_HEADINGS: Final = (
    "姓名", "客户姓名", "车主姓名", "名字", "客户名称", "客户", "车主", "称呼", "联系人",
    "name", "fullname", "customername", "customer", "owner", "contact", "contactname",
)  # fmt: skip
_EXCEL_TEXT: Final = re.compile(r'^=?"(.*)"$|^\'(.*)$', re.DOTALL)
_EXCEL_FLOAT: Final = re.compile(r"^(\d{5,})\.0+$")
_EXCEL_SHORTENED: Final = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d+$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where to find what: ``numbers`` in order of preference, ``name`` or None, and the headings of all columns."""

    headings: tuple[str, ...]
    numbers: tuple[int, ...]
    name: int | None
    has_header: bool


def guess_columns(first: Sequence[str], samples: Sequence[Sequence[str]], *, number_heading: str = "") -> Columns:
    """The columns of a list by its ``first`` row and some ``samples`` of the rows after it.

    ``number_heading`` names the number's column outright. Without headings that are known, the column in which most
    cells are phone numbers is taken, and the first row counts as data if it has one there. ``ParseError`` if none does.
    """
    headings = tuple(clean(cell) for cell in first)
    if number_heading:
        if number_heading not in headings:
            known = ", ".join(heading for heading in headings if heading)
            raise ParseError(f"no column is headed {number_heading!r}; there are: {known}", where="line 1")
        return Columns(headings, (headings.index(number_heading),), _column(headings, _NAME_HEADINGS), True)
    plain = [_plain(heading) for heading in headings]
    ranked = [plain.index(heading) for heading in _NUMBER_HEADINGS if heading in plain]
    if not ranked:
        ranked = [at for at, heading in enumerate(plain) if _looks_like_number_heading(heading)]
    if ranked:
        return Columns(headings, tuple(dict.fromkeys(ranked)), _column(headings, _NAME_HEADINGS), True)
    rows = [first, *samples]
    hits = [sum(is_number(row[at]) for row in rows if at < len(row)) for at in range(len(first))]
    if not hits or max(hits) == 0:
        raise ParseError("no column of phone numbers is to be found; head it 手机号 or phone", where="line 1")
    at = hits.index(max(hits))
    has_header = not is_number(first[at])
    names = headings if has_header else tuple(f"column{index + 1}" for index in range(len(first)))
    return Columns(names, (at,), _column(headings, _NAME_HEADINGS) if has_header else None, has_header)


def clean(cell: str) -> str:
    """A cell without the marks that spreadsheets leave: full-width forms, ``="…"``, a leading apostrophe, ``.0``."""
    text = unicodedata.normalize("NFKC", cell).strip().strip("\ufeff\u200b\u200e\u202c\u202d")
    wrapped = _EXCEL_TEXT.match(text)
    if wrapped is not None:
        text = (wrapped[1] if wrapped[1] is not None else wrapped[2]).strip()
    return _EXCEL_FLOAT.sub(r"\1", text)


def is_shortened(cell: str) -> bool:
    """True for ``1.38001E+10``: a spreadsheet has thrown the last digits away."""
    return _EXCEL_SHORTENED.match(cell) is not None


def is_number(cell: str) -> bool:
    """True where ``cell`` holds a phone number of at least seven digits."""
    text = clean(cell)
    try:
        return len(normalise(text)) >= 7
    except ParseError:
        return False


def _plain(heading: str) -> str:
    return re.sub(r"[\s_\-()（）:：*#.]", "", heading).lower()


def _looks_like_number_heading(heading: str) -> bool:
    return any(part in heading for part in ("手机", "电话", "phone", "mobile"))


def _column(headings: Sequence[str], wanted: Sequence[str]) -> int | None:
    plain = [_plain(heading) for heading in headings]
    return next((plain.index(heading) for heading in wanted if heading in plain), None)
