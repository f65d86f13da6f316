"""``line400 version``: which version is installed."""

import json
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from service.cli_common import out


def version(as_json: Annotated[bool, typer.Option("--json", help="机器可读 / for programs")] = False) -> None:
    """版本 / Show the version."""
    number = version_of("line400")
    out.print(json.dumps({"line400": number}) if as_json else f"line400 {number}")
