"""Command that explains which numbers outside may be called."""

from typing import Annotated

import typer

from core.number_kinds import NumberKind
from service.cli_common import ConfigOption, out, told
from service.config import load_config
from service.from_config import tolls_of
from telephony.tolls import judge

KINDS = {
    NumberKind.EMERGENCY: "紧急号码 emergency",
    NumberKind.SERVICE: "服务号码 service",
    NumberKind.SHORT: "短号 short",
    NumberKind.LOCAL: "本地固话 local",
    NumberKind.FIXED: "固话 fixed",
    NumberKind.MOBILE: "手机 mobile",
    NumberKind.PREMIUM: "声讯/高额 premium",
    NumberKind.ABROAD: "境外 abroad",
    NumberKind.UNKNOWN: "无法识别 unknown",
}


def may_call(
    numbers: Annotated[list[str], typer.Argument(help="号码，按坐席拨打的写法 / numbers as they would be dialled")],
    config: ConfigOption = None,
) -> None:
    """能否外呼 / Say which numbers outside may be called, and why not; exit code 1 where one may not."""
    with told():
        rules = tolls_of(load_config(config))
    judged = [judge(number, rules) for number in numbers]
    for one in judged:
        verdict = "可以 may be called" if one.why is None else f"不可以 may not be called: {one.words}"
        by = f" (allowed: {one.entry})" if one.entry else ""
        out.print(f"{one.number} · {KINDS[one.kind]} · {verdict}{by}", highlight=False, markup=False)
    if any(one.why is not None for one in judged):
        raise typer.Exit(1)
