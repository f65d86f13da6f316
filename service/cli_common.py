"""What the commands share: the configuration option and errors told plainly."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import typer
from rich.console import Console

from campaigns.rejects import Reject
from core.errors import ConfigError, Line400Error

EXIT_FAILED: Final = 1
EXIT_CONFIG: Final = 2

out: Final = Console(highlight=False, markup=False, soft_wrap=True)
complaints: Final = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)

ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="配置文件 / configuration (default: line400.toml here, else defaults)"),
]


def taken_line(accepted: int, rejected: int) -> str:
    """How many rows of a list were taken in."""
    return f"导入 / accepted: {accepted}    拒绝 / rejected: {rejected}"


def reject_line(reject: Reject) -> str:
    """Why a row was not taken."""
    return f"  第 {reject.line} 行 / line {reject.line}: {reject.reason}"


def end_import(list_file: Path, accepted: int, rejects_file: Path | None) -> None:
    """The end of each import: where the rejected rows are; exit code 1 where not one row was good."""
    if rejects_file is not None:
        out.print(f"全部拒绝的行 / all rejected rows: {rejects_file}")
    if not accepted:
        complaints.print(f"{list_file}: 没有可导入的行 / no row can be taken in", style="red")
        raise typer.Exit(EXIT_FAILED)


def who() -> str:
    """For the records: the person of this machine who gives the command."""
    try:
        return f"{getpass.getuser()} (line400)"
    except (OSError, KeyError):  # an account without a name
        return "line400"


@contextmanager
def told() -> Iterator[None]:
    """Errors that people can mend are printed without a traceback; exit code 2 for the configuration, else 1."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            complaints.print(problem, style="red")
        raise typer.Exit(EXIT_CONFIG) from None
    except Line400Error as error:
        complaints.print(str(error), style="red")
        raise typer.Exit(EXIT_FAILED) from None
    except OSError as error:
        complaints.print(f"{error.filename}: {error.strerror}" if error.filename else str(error), style="red")
        raise typer.Exit(EXIT_FAILED) from None
