"""``line400 ledger``: are the records of consents, refusals and decisions to call whole?"""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from service.cli_common import EXIT_FAILED, ConfigOption, complaints, out
from service.cli_store import with_store
from service.config_model import Config
from store.ledger import Verified
from store.store import Store

ledger_app = typer.Typer(no_args_is_help=True, add_completion=False)


@ledger_app.callback()
def ledger() -> None:
    """外呼合规账本 / the ledger of decisions, refusals and consents"""


@ledger_app.command("verify")
def verify(
    head: Annotated[
        str, typer.Option(help="以前记下的校验值，必须仍在其中 / a hash noted earlier, which must still be in it")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="机器可读 / for programs")] = False,
    config: ConfigOption = None,
) -> None:
    """核对账本 / Check every line's hash, the chain, that the event log says the same, and that the tables by which
    calls are decided (refusals and lists, consents, decisions, promises) hold what the lines say; exit code 1 where
    anything differs. Note the hash that it prints somewhere else: it proves later that nothing before it was changed.
    """

    async def work(_: Config, store: Store) -> tuple[Verified, bool]:
        return await store.ledger.verify(), not head or await store.ledger.holds(head)

    found, holds = with_store(config, work)
    if as_json:
        out.print(json.dumps({**asdict(found), "holds_head": holds}))
    elif found.whole:
        out.print(f"完好 {found.lines} 行 / whole, {found.lines} lines    {found.head}", highlight=False)
    if found.broken_at is not None:
        complaints.print(f"第 {found.broken_at} 行断开 / broken at line {found.broken_at}: {found.why}", style="red")
    for each in found.first:
        complaints.print(f"{each.table} #{each.seq} {each.about}: {each.why}", style="red")
    if found.differing:
        said = f"账本 {found.lines} 行，表中 {found.differing} 行与之不符 / {found.differing} rows differ from it"
        complaints.print(said, style="red")
    if not holds:
        complaints.print(f"没有校验值 / no line has the hash {head}", style="red")
    if not found.whole or not holds:
        raise typer.Exit(EXIT_FAILED)
