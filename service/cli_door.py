"""Commands behind doors: a door knows a command's name and what it is for, and the command's module is imported when
somebody goes through it. So the help of ``line400``, and each command, loads only its own part of the house.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


class Door(TyperCommand):
    """One command of the table; ``place`` is ``module:name`` of a function or of a group of commands."""

    def __init__(self, name: str, place: str, purpose: str) -> None:
        super().__init__(name, help=purpose)
        self._place = place

    def behind(self) -> Any:
        """The command itself, which typer makes of its function or group."""
        module, _, name = self._place.partition(":")
        with _uncollected():
            found = getattr(import_module(module), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False)
            alone.command(self.name)(found)
            found = alone
        command = get_command(found)
        command.help = command.help or self.help  # of a group, which has no words of its own
        return command

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """That of the command behind: here the group hands the words over."""
        return self.behind().make_context(*arguments, **more)


def doors_to(table: Mapping[str, tuple[str, str]]) -> type[TyperGroup]:
    """A group of typer with a door for each command of ``table``: its name, ``module:name`` and what it is for."""

    class Doors(TyperGroup):
        """The doors in the order of the table."""

        def __init__(self, **more: Any) -> None:
            super().__init__(**more)
            for name, (place, purpose) in table.items():
                self.add_command(Door(name, place, purpose))

    return Doors


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector: what is imported stays, and to look at it again and again costs a fifth of the start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
