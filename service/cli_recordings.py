"""``line400 recordings``: are they whole, which are on legal hold, hold and release them, delete one."""

import getpass
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from archive.check import OK, Finding, Stored, check_all
from archive.jobs import clear_away
from service.cli_common import EXIT_FAILED, ConfigOption, complaints, out
from service.cli_store import with_store
from service.config_model import Config
from service.from_config import key_file
from store.store import Store

recordings_app = typer.Typer(no_args_is_help=True, add_completion=False)

Name = Annotated[str, typer.Argument(help="录音编号 / the recording's id")]


@recordings_app.command("verify")
def verify(
    recording: Annotated[str, typer.Argument(help="录音编号，默认全部 / an id; default: all")] = "",
    decode: Annotated[
        bool, typer.Option("--decode", help="并完整解码（较慢）/ also decode all of each, which takes longer")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="机器可读 / for programs")] = False,
    config: ConfigOption = None,
) -> None:
    """核对录音 / Check the stored files against their SHA-256; exit code 1 where one is missing or changed."""

    async def work(loaded: Config, store: Store) -> tuple[tuple[Stored, ...], Path]:
        return await store.keeping.to_check(recording), key_file(loaded)

    stored, key = with_store(config, work)
    if recording and not stored:
        complaints.print(f"没有录音 {recording} / there is no recording {recording}", style="red")
        raise typer.Exit(EXIT_FAILED)
    findings = _look(stored, key, decode=decode)
    counts = Counter(finding.state for finding in findings)
    wrong = [finding for finding in findings if finding.state != OK]
    if as_json:
        out.print(json.dumps({"checked": len(findings), **counts, "wrong": [asdict(finding) for finding in wrong]}))
    else:
        for finding in wrong:
            out.print(f"{finding.recording}  {finding.state}  {finding.why}", style="red")
        out.print(f"已核对 {len(findings)}，完好 {counts[OK]} / checked {len(findings)}, whole {counts[OK]}")
    if wrong:
        raise typer.Exit(EXIT_FAILED)


def _look(stored: tuple[Stored, ...], key: Path, *, decode: bool) -> list[Finding]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=complaints) as bar:
        return list(bar.track(check_all(stored, key, decode=decode), len(stored), description="核对 / checking"))


@recordings_app.command("held")
def held(config: ConfigOption = None) -> None:
    """列出法定保留的录音 / List what is on legal hold."""

    async def work(_: Config, store: Store) -> list[str]:
        rows = await store.keeping.held()
        return [f"{row.id}  {row.call_id}  {row.held_by}  {row.held_why}".rstrip() for row in rows]

    for line in with_store(config, work):
        out.print(line)


@recordings_app.command("hold")
def hold(
    recording: Name,
    why: Annotated[str, typer.Option(help="原因 / why")] = "",
    config: ConfigOption = None,
) -> None:
    """法定保留 / Put a recording on legal hold: it is not deleted until it is released."""
    with_store(config, lambda _, store: store.keeping.hold(recording, _who(), why))
    out.print(f"{recording} 已保留 / is held")


@recordings_app.command("release")
def release(recording: Name, config: ConfigOption = None) -> None:
    """解除法定保留 / End the legal hold."""
    with_store(config, lambda _, store: store.keeping.release(recording, _who()))
    out.print(f"{recording} 已解除保留 / is released")


@recordings_app.command("delete")
def delete(recording: Name, config: ConfigOption = None) -> None:
    """删除录音 / Delete the sound of one recording now and for ever; not while it is held."""

    async def work(_: Config, store: Store) -> None:
        await store.keeping.delete(recording, _who(), "wish")
        await clear_away(store.keeping)

    with_store(config, work)
    out.print(f"{recording} 已删除 / is deleted")


def _who() -> str:
    """For the log: the person of this machine who gives the command."""
    try:
        return f"{getpass.getuser()} (line400)"
    except (OSError, KeyError):  # an account without a name
        return "line400"
