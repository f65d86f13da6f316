"""From the rows of a spreadsheet to records: which column is which by the usual headings, and what a cell must be."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final, TypeAlias

from core.errors import ParseError
from core.headings import plain_heading
from core.moments import read_moment
from core.numbers import normalise
from desk.records import STOCK_STATES, Complaint, Ownership, Sale, StockCar, Vehicle, Visit

Personal: TypeAlias = "Ownership | Visit | Sale | Complaint"
"""Records of persons and their cars."""
Record: TypeAlias = "Personal | StockCar"
Cells: TypeAlias = Mapping[str, str]
"""Cells by field, "" where the list has no such column."""

_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_IN_PLATE: Final = re.compile(r"[\s·•.\-]")
_KM_MOST: Final = 3_000_000
_YUAN_MOST: Final = 100_000_000
_SHORT: Final = 60
_LONG: Final = 500
_OLDEST: Final = date(1950, 1, 1)
_YEAR_MOST: Final = 2200
_STATES: Final = {"在库": "in_stock", "现车": "in_stock", "在途": "coming", "已订": "reserved", "已售": "sold"}
_LOST: Final = frozenset({"失联", "失访", "未知", "迁出", "过户亲属", "lost", "unknown", "moved"})
"""Why a tenure ended that is no replacement."""

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "number": ("手机号", "手机号码", "手机", "电话", "联系电话", "车主电话", "号码", "mobile", "phone", "number"),
        "name": ("姓名", "客户姓名", "车主姓名", "车主", "客户", "name", "owner", "customer"),
        "vin": ("车架号", "vin", "vin码", "车辆识别代号", "底盘号"),
        "plate": ("车牌", "车牌号", "车牌号码", "plate", "licenseplate"),
        "model": ("车型", "车系", "型号", "model"),
        "segment": ("级别", "车型级别", "细分", "类别", "segment", "class"),
        "plated": ("首次上牌", "首次上牌日期", "上牌日期", "初登日期", "firstplated", "plated"),
        "since": ("购车日期", "购买日期", "交车日期", "过户日期", "since", "bought"),
        "until": ("换车日期", "离开日期", "结束日期", "until", "replaced"),
        "ended": ("结束原因", "去向", "why", "reason", "ended"),
        "km_since": ("购车里程", "过户里程", "kmsince"),
        "known_since": ("建档日期", "档案起始", "knownsince"),
        "day": ("日期", "进店日期", "销售日期", "投诉日期", "day", "date"),
        "kind": ("类型", "业务类型", "维修类型", "kind", "type"),
        "km": ("里程", "进店里程", "公里数", "km", "mileage", "odometer"),
        "note": ("备注", "说明", "note", "remark"),
        "price": ("价格", "成交价", "金额", "price"),
        "seller": ("销售顾问", "销售员", "seller", "salesman"),
        "text": ("内容", "投诉内容", "问题", "text", "complaint"),
        "department": ("部门", "责任部门", "department"),
        "colour": ("颜色", "外观颜色", "车身颜色", "colour", "color"),
        "year": ("年款", "年份", "year", "modelyear"),
        "stocked": ("入库日期", "到店日期", "预计到店", "stocked", "arrived"),
        "state": ("状态", "库存状态", "state", "status"),
        "closed": ("结案日期", "关闭日期", "closed"),
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of list: its ``fields``, of which the ``needed`` must have a column, and how a row is read (with the
    moment in the zone of the house, in which days are).
    """

    name: str
    zh: str
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    read: Callable[[Cells, datetime], Record]


def columns_of(kind: Kind, headings: Sequence[str]) -> dict[str, int]:
    """Which column holds which field. ``ParseError`` names the fields that are needed and have none."""
    plain = [plain_heading(heading) for heading in headings]
    found = {field: plain.index(name) for field in kind.fields for name in reversed(HEADINGS[field]) if name in plain}
    missing = [field for field in kind.needed if field not in found]
    if {"vin", "plate"} <= set(kind.needed):
        missing = [field for field in missing if field not in ("vin", "plate")]
        if "vin" not in found and "plate" not in found:
            missing.append("vin")
    if missing:
        said = "; ".join(f"{HEADINGS[field][0]} ({field})" for field in missing)
        raise ParseError(f"缺少列 (no column is headed {said})", where="line 1")
    return found


def _ownership(cells: Cells, now: datetime) -> Ownership:
    plated = _day(cells, "plated", now)
    vehicle = Vehicle(
        _vin(cells["vin"]), _plate(cells["plate"]), _needed(cells, "model"), _text(cells, "segment"), plated
    )
    if not vehicle.key:
        raise ParseError("没有车架号或车牌 (neither VIN nor plate)")
    since, until = _day(cells, "since", now, needed=True), _day(cells, "until", now)
    if until and until < since:
        raise ParseError("换车日期早于购车日期 (given up before it was got)")
    return Ownership(
        vehicle=vehicle,
        number=_number(cells),
        name=_text(cells, "name"),
        since=since,
        until=until,
        replaced=bool(until) and cells["ended"].strip().lower() not in _LOST,
        km_since=_whole(cells, "km_since", _KM_MOST),
        known_since=_day(cells, "known_since", now),
    )


def _visit(cells: Cells, now: datetime) -> Visit:
    day = _day(cells, "day", now, needed=True)
    return Visit(_car(cells), day, _text(cells, "kind"), _whole(cells, "km", _KM_MOST), _text(cells, "note", _LONG))


def _sale(cells: Cells, now: datetime) -> Sale:
    day = _day(cells, "day", now, needed=True)
    return Sale(_car(cells), _number(cells), day, _whole(cells, "price", _YUAN_MOST), _text(cells, "seller"))


def _complaint(cells: Cells, now: datetime) -> Complaint:
    day, closed = _day(cells, "day", now, needed=True), _day(cells, "closed", now)
    if closed and closed < day:
        raise ParseError("结案日期早于投诉日期 (closed before it was made)")
    vehicle = _car_or_none(cells)
    text = _needed(cells, "text", _LONG)
    return Complaint(_number(cells), day, text, _text(cells, "department"), vehicle, closed)


def _stock(cells: Cells, now: datetime) -> StockCar:
    vin = _vin(cells["vin"])
    if not vin:
        raise ParseError("没有车架号 (no VIN)")
    told = cells["state"].strip().lower()
    state = _STATES.get(told, told or STOCK_STATES[0])
    if state not in STOCK_STATES:
        raise ParseError("状态须为在库、在途、已订或已售 (state is in_stock, coming, reserved or sold)")
    return StockCar(
        vin,
        _needed(cells, "model"),
        _text(cells, "colour"),
        _whole(cells, "year", _YEAR_MOST),
        _whole(cells, "price", _YUAN_MOST),
        _day(cells, "stocked", now, ahead=state == "coming"),
        state,
    )


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                "ownerships",
                "车辆与车主",
                ("number", "name", "vin", "plate", "model", "segment", "plated", "since", "until", "ended", "km_since",
                 "known_since"),
                ("number", "vin", "plate", "model", "since"),
                _ownership,
            ),
            Kind("visits", "进店", ("vin", "plate", "day", "kind", "km", "note"), ("vin", "plate", "day"), _visit),
            Kind(
                "sales",
                "销售",
                ("number", "vin", "plate", "day", "price", "seller"),
                ("number", "vin", "plate", "day"),
                _sale,
            ),
            Kind(
                "complaints",
                "投诉",
                ("number", "vin", "plate", "day", "text", "department", "closed"),
                ("number", "day", "text"),
                _complaint,
            ),
            Kind(
                "stock",
                "库存",
                ("vin", "model", "colour", "year", "price", "stocked", "state"),
                ("vin", "model"),
                _stock,
            ),
        )
    }
)  # fmt: skip


def _number(cells: Cells) -> str:
    written = cells["number"]
    if not written:
        raise ParseError("没有号码 (no number)")
    try:
        return normalise(written)
    except ParseError:
        raise ParseError("号码无效 (not a phone number)") from None


def _car(cells: Cells) -> str:
    key = _car_or_none(cells)
    if not key:
        raise ParseError("没有车架号或车牌 (neither VIN nor plate)")
    return key


def _car_or_none(cells: Cells) -> str:
    return _vin(cells["vin"]) or _plate(cells["plate"])


def _vin(text: str) -> str:
    vin = "".join(text.split()).upper()
    if vin and not _VIN.fullmatch(vin):
        raise ParseError("车架号须为17位，不含 I、O、Q (a VIN has 17 signs, without I, O and Q)")
    return vin


def _plate(text: str) -> str:
    plate = _IN_PLATE.sub("", text).upper()
    if len(plate) > 10 or not plate.isprintable():
        raise ParseError("车牌过长或有非法字符 (the plate is too long, or has signs that cannot be)")
    return plate


def _day(cells: Cells, field: str, now: datetime, *, needed: bool = False, ahead: bool = False) -> str:
    """The day in the zone of ``now``, after it only where it may lie ``ahead``."""
    text = cells[field].strip()
    heading = HEADINGS[field][0]
    if not text:
        if needed:
            raise ParseError(f"没有{heading} (no {field})")
        return ""
    try:
        day = read_moment(text, now.tzinfo or UTC).date()
    except (ValueError, OverflowError):
        raise ParseError(f"{heading}不是日期 ({field} is not a day; write it as 2026-11-30)") from None
    if day < _OLDEST or (day > now.date() and not ahead):
        raise ParseError(f"{heading}在未来或太早 ({field} is in the future, or too long ago)")
    return day.isoformat()


def _whole(cells: Cells, field: str, most: int) -> int | None:
    text = cells[field].replace(",", "").replace("，", "").strip()
    if not text:
        return None
    try:
        value = round(float(text))
    except (ValueError, OverflowError):
        value = -1
    if not 0 <= value <= most:
        raise ParseError(f"{HEADINGS[field][0]}不是数字 ({field} is not a number from 0 to {most})")
    return value


def _needed(cells: Cells, field: str, most: int = _SHORT) -> str:
    text = _text(cells, field, most)
    if not text:
        raise ParseError(f"没有{HEADINGS[field][0]} (no {field})")
    return text


def _text(cells: Cells, field: str, most: int = _SHORT) -> str:
    text = "".join(sign for sign in " ".join(cells[field].split()) if sign.isprintable())  # no NUL: databases mind
    if len(text) > most:
        raise ParseError(f"{HEADINGS[field][0]}超过{most}字 ({field} is longer than {most} characters)")
    return text
