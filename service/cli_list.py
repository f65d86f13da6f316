"""What ``line400 campaign import`` tells of a list: what it looks like, what came of it."""

from collections.abc import Iterator, Mapping
from typing import Final

from campaigns.flaws import Flaw
from campaigns.importer import Checked, Imported
from core.numbers import Kind
from service.cli_common import reject_line, taken_line

_ENCODINGS: Final = {"utf-8-sig": "UTF-8", "gb18030": "GB18030 (GBK)", "utf-16": "UTF-16", "": "XLSX"}
_SEPARATORS: Final = {"\t": "制表符 tab", ",": "逗号 comma", ";": "分号 semicolon"}
_KINDS: Final = {
    Kind.MOBILE: "手机 mobile",
    Kind.FIXED: "固话 fixed",
    Kind.SERVICE: "400/800",
    Kind.SHORT: "短号 short",
    Kind.FOREIGN: "境外 abroad",
}
_FLAWS: Final = {
    Flaw.NO_NUMBER: "没有号码 no number",
    Flaw.SHORTENED: "被表格截断 shortened",
    Flaw.WRONG_LENGTH: "位数不对 wrong length",
    Flaw.NOT_A_NUMBER: "号码无效 no phone number",
    Flaw.SHORT: "短号码 short number",
    Flaw.TWICE: "名单内重复 twice in the list",
    Flaw.KNOWN: "任务中已有 already in the campaign",
}


def told_of(done: Imported | Checked) -> Iterator[str]:
    """The lines to show."""
    if isinstance(done, Checked):
        yield from _looks(done)
        yield f"可导入 / would be accepted: {done.accepted}    拒绝 / rejected: {sum(done.flaws.values())}"
        yield from _counted("号码 / numbers", {_KINDS[Kind(kind)]: count for kind, count in done.kinds.items()})
        if done.several:
            yield f"有多个号码 / with several numbers: {done.several}"
        yield from _counted("拒绝 / rejected", {_FLAWS[Flaw(flaw)]: count for flaw, count in done.flaws.items()})
    else:
        yield taken_line(done.accepted, done.rejected)
    yield from _counted("也在其他任务中 / in other campaigns too", done.elsewhere)
    for reject in done.first_rejects:
        yield reject_line(reject)


def _looks(done: Checked) -> Iterator[str]:
    encoding = _ENCODINGS.get(done.encoding, done.encoding.upper())
    if done.sheets:
        yield f"格式 / format: XLSX    工作表 / sheet: {done.sheet} ({', '.join(done.sheets)})"
    else:
        separator = _SEPARATORS.get(done.separator, done.separator)
        yield f"格式 / format: CSV    编码 / encoding: {encoding}    分隔符 / separator: {separator}"
    yield f"号码列 / numbers: {' → '.join(done.numbers)}    姓名列 / name: {done.name or '—'}"
    yield " | ".join(done.headings)
    for row in done.samples:
        yield "  " + " | ".join(row)


def _counted(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        parts = sorted(counts.items(), key=lambda item: -item[1])
        yield f"{title}: " + "    ".join(f"{name} {count}" for name, count in parts)
