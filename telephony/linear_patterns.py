"""Regular expressions from the configuration. RE2 takes time in proportion to the text whatever the pattern is, so that
no rule and no number that a peer sends can hold up the event loop.
"""

from typing import Final, Protocol, cast

from core.errors import ParseError

MOST_MEMORY: Final = 1 << 20
"""What one pattern may take, bytes: repeats of repeats grow large."""


class Match(Protocol):
    """What fitted."""

    def __getitem__(self, group: int) -> str | None:
        """The text of a group; None where it took no part."""
        ...


class Pattern(Protocol):
    """A pattern that is ready to be used."""

    @property
    def groups(self) -> int:
        """How many groups it has."""
        ...

    def fullmatch(self, text: str) -> Match | None:
        """Whether the whole of ``text`` fits."""
        ...


def compiled(pattern: str) -> Pattern:
    """``pattern``, ready; ``ParseError`` says what is wrong with it."""
    import re2  # noqa: PLC0415 - most lines have no rules and need not carry it

    options = re2.Options()
    options.log_errors = False  # to standard error, past our log
    options.max_mem = MOST_MEMORY
    try:
        return cast("Pattern", re2.compile(pattern, options))
    except re2.error as error:
        said = error.args[0] if error.args else ""
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ParseError(
            f"{pattern!r} is no regular expression that can be used: {why} (there are no look-aheads and no "
            "back-references within a pattern: they may take for ever)"
        ) from None
