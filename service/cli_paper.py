"""How commands write what they have found: tables on the screen, or CSV, JSON or a workbook, to a file if wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from rich.console import Console, RenderableType

from reports.render import to_csv, to_terminal, to_xlsx
from reports.tables import Table
from service.cli_common import out

WIDE: Final = 180
"""Columns of a terminal that shows all that a paper has for one; narrower ones get less."""


class Format(StrEnum):
    """How it is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


class Tongue(StrEnum):
    """The language of headings."""

    ZH = "zh"
    EN = "en"


FormOption: TypeAlias = Annotated[Format, typer.Option("--format", help="格式 / format")]
OutputOption: TypeAlias = Annotated[Path | None, typer.Option("--output", "-o", help="写入文件 / write to a file")]
TongueOption: TypeAlias = Annotated[Tongue, typer.Option("--language", help="语言 / language")]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table on a screen, and the keys of its columns there: on a wide one and on a narrow one (none: all)."""

    table: Table
    wide: tuple[str, ...] = ()
    narrow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """What a command has found: the ``table`` of files, what stands ``on_screen`` below each other, all as ``json``."""

    table: Table
    on_screen: tuple[Shown | str, ...]
    json: Callable[[], str]


def writable(form: Format, output: Path | None) -> None:
    """``BadParameter`` where that form cannot go there. To be asked before the work is done."""
    if form is Format.XLSX and output is None:
        raise typer.BadParameter("xlsx needs --output FILE", param_hint="--format")


def write(paper: Paper, form: Format, output: Path | None, tongue: Tongue) -> None:
    """To the file ``output`` or the screen; ``OSError`` where the file cannot be written. A table in a file is CSV."""
    if form is Format.XLSX and output is not None:
        output.write_bytes(to_xlsx(paper.table, tongue.value))
    elif form is Format.TABLE and output is None:
        screen = out if out.is_terminal else Console(width=WIDE, highlight=False, markup=False)
        for part in paper.on_screen:
            screen.print(_drawn(part, tongue, wide=screen.width >= WIDE))
    else:
        text = paper.json() if form is Format.JSON else to_csv(paper.table)
        if output is None:
            typer.echo(text.rstrip("\r\n"))
        else:
            output.write_text(text, encoding="utf-8-sig" if form is Format.CSV else "utf-8", newline="")


def _drawn(part: Shown | str, tongue: Tongue, *, wide: bool) -> RenderableType:
    if isinstance(part, str):
        return part
    return to_terminal(part.table, tongue.value, part.wide if wide else part.narrow)
