"""Which columns of a list hold the phone number and the name: by the usual headings, else by what is in them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import ParseError
from core.headings import plain_heading
from core.numbers import normalise

NUMBER_HEADINGS: Final = (
    "手机号码", "手机号", "手机", "移动电话", "联系手机", "电话号码", "联系电话", "电话", "号码", "号码number",
    "客户电话", "车主电话", "备用手机", "备用电话", "备用号码", "第二联系电话", "座机", "固定电话", "固话", "家庭电话",
    "住宅电话", "家里电话", "办公电话", "单位电话", "公司电话",
    "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "phone", "phonenumber", "telephone", "tel", "number",
    "msisdn", "contactnumber", "mobile2", "phone2", "alternatephone", "otherphone", "homephone", "officephone",
    "workphone", "businessphone",
)  # fmt: skip
"""In the order in which they are dialled: mobiles, whatever else, home, office."""
NAME_HEADINGS: Final = (
    "姓名", "客户姓名", "车主姓名", "名字", "客户名称", "客户", "车主", "称呼", "联系人",
    "name", "fullname", "customername", "customer", "owner", "contact", "contactname",
)  # fmt: skip
_EXCEL_TEXT: Final = re.compile(r'^=?"(.*)"$|^\'(.*)$', re.DOTALL)
_WRAPS: Final = frozenset("=\"'")
_ROUND: Final = frozenset({".0", "00"})
_EXCEL_FLOAT: Final = re.compile(r"^(\d{5,})\.0+$")
_REMEMBERED: Final = 50_000
_EXCEL_SHORTENED: Final = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d+$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where to find what: ``numbers`` in order of preference, ``name`` or None, and the headings of all columns."""

    headings: tuple[str, ...]
    numbers: tuple[int, ...]
    name: int | None
    has_header: bool


def guess_columns(
    first: Sequence[str], samples: Sequence[Sequence[str]], *, numbers: Sequence[str] = (), name: str = ""
) -> Columns:
    """The columns of a list by its ``first`` row and some ``samples`` of the rows after it.

    ``numbers`` and ``name`` are headings that name their columns outright. Without headings that are known, the column
    in which most cells are phone numbers is taken, and the first row counts as data if it has one there. ``ParseError``
    if none does.
    """
    cells = tuple(clean(cell) for cell in first)
    has_header = not any(map(is_number, cells))
    headings = cells if has_header else tuple(f"column{index + 1}" for index in range(len(cells)))
    named = _named(headings, name) if name else _column(headings, NAME_HEADINGS)
    if numbers:
        return Columns(headings, tuple(_named(headings, heading) for heading in numbers), named, has_header)
    plain = [plain_heading(heading) for heading in headings]
    ranked = [at for wanted in NUMBER_HEADINGS for at, heading in enumerate(plain) if heading == wanted]
    likely = [at for at, heading in enumerate(plain) if heads_numbers(heading)]
    hits = [sum(is_number(row[at]) for row in samples if at < len(row)) for at in range(len(cells))]
    if ranked:
        ranked += [at for at in likely if hits[at]]
    elif likely:
        ranked = likely
    else:
        everywhere = [hits[at] + is_number(cells[at]) for at in range(len(cells))]
        if not any(everywhere):
            raise ParseError(
                "找不到号码列，请以“手机号”为表头 (no column of phone numbers is to be found; head it 手机号 or phone)",
                where="line 1",
            )
        ranked = [everywhere.index(max(everywhere))]
    return Columns(headings, tuple(dict.fromkeys(ranked)), named, has_header)


def _named(headings: Sequence[str], wanted: str) -> int:
    if wanted not in headings:
        known = ", ".join(heading for heading in headings if heading)
        raise ParseError(f"没有此列 (no column is headed {wanted!r}; there are: {known})", where="line 1")
    return headings.index(wanted)


def clean(cell: str) -> str:
    """A cell without the marks that spreadsheets leave: full-width forms, ``="…"``, a leading apostrophe, ``.0``."""
    text = cell.strip() if cell.isascii() else _narrow(cell)
    if text[:1] in _WRAPS and (wrapped := _EXCEL_TEXT.match(text)) is not None:
        text = (wrapped[1] if wrapped[1] is not None else wrapped[2]).strip()
    return _EXCEL_FLOAT.sub(r"\1", text) if text[-2:] in _ROUND else text


class Cleaned(dict[str, str]):
    """``clean`` of the cells that it is asked for: models, names, days and remarks come again and again, so they are
    remembered; plain digits need no cleaning.
    """

    def __missing__(self, cell: str) -> str:
        if cell.isascii() and cell.isalnum():
            return cell
        if len(self) >= _REMEMBERED:
            self.clear()
        text = self[cell] = clean(cell)
        return text


def _narrow(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip().strip("\ufeff\u200b\u200e\u202c\u202d")


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


def heads_numbers(heading: str) -> bool:
    """True where a column is likely one of numbers by its plain ``heading`` (手机2), though that is no usual one."""
    return any(part in heading for part in ("手机", "电话", "phone", "mobile"))


def _column(headings: Sequence[str], wanted: Sequence[str]) -> int | None:
    plain = [plain_heading(heading) for heading in headings]
    return next((plain.index(heading) for heading in wanted if heading in plain), None)
