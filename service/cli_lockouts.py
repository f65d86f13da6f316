"""``line400 lockouts``: who guessed SIP passwords of the running service and must wait, and the end of it."""

from datetime import datetime
from typing import Annotated, cast
from zoneinfo import ZoneInfo

import typer

from service.cli_common import ConfigOption, out, told
from service.config import load_config
from service.control_client import Json, ask_once

lockouts_app = typer.Typer(invoke_without_command=True, add_completion=False)


@lockouts_app.callback()
def lockouts(context: typer.Context, config: ConfigOption = None) -> None:
    """锁定的来源 / List the sources that are locked out for wrong SIP passwords."""
    if context.invoked_subcommand is not None:
        return
    with told():
        loaded = load_config(config)
        rows = cast("list[Json]", ask_once(loaded.data_folder, "lockouts.list")["lockouts"])
    zone = ZoneInfo(loaded.zone)
    for row in rows:
        user = _printable(str(row["user"])) or "所有账号 everybody"
        since, until = (
            datetime.fromtimestamp(float(cast("float", row[key])), zone).strftime("%m-%d %H:%M:%S")
            for key in ("since", "until")
        )
        out.print(f"{row['source']}  {user}  {row['wrong']} 次错误 wrong  {since} → {until}")
    if not rows:
        out.print("没有锁定 / nobody is locked out")


@lockouts_app.command()
def lift(
    address: Annotated[str, typer.Argument(help="来源地址，如列表所示 / the source as it is listed")],
    config: ConfigOption = None,
) -> None:
    """解除锁定 / End all lock-outs of a source before their time."""
    with told():
        answer = ask_once(load_config(config).data_folder, "lockouts.lift", source=address)
    out.print(f"已解除 / lifted: {answer['lifted']}")


def _printable(text: str) -> str:
    """Without what a terminal would obey: whoever guesses chooses the name."""
    return "".join(each if each.isprintable() else "?" for each in text)
