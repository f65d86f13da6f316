"""What an agent reads to a contact: paragraphs of a text, with headings and points. Pure.

A line that begins with ``#`` is a heading, one with ``-`` or ``*`` a point; other lines are paragraphs, and lines that
follow each other belong to one. ``{name}`` stands for the contact's name, ``{column}`` for that column of his list;
words in braces that he has no column for stay as they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 4000
"""So many characters may a script have: it is to be read while somebody waits."""
NAME: Final = "name"
_FIELD: Final = re.compile(r"\{([^{}\n]{1,64})\}")
_POINT: Final = ("- ", "* ")


class PartKind(StrEnum):
    """How a part is shown."""

    HEADING = "heading"
    POINT = "point"
    PARAGRAPH = "paragraph"


@dataclass(frozen=True, slots=True)
class Part:
    """One heading, point or paragraph; lines of a paragraph are parted by "\\n"."""

    kind: PartKind
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """The words in Chinese and English, as they were written; "" for none."""

    zh: str = ""
    en: str = ""


NO_SCRIPT: Final = Script()


def parts_of(text: str, values: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts of ``text``, with the ``values`` of a contact for what stands in braces."""
    made: list[Part] = []
    lines: list[str] = []

    def end_paragraph() -> None:
        if lines:
            made.append(Part(PartKind.PARAGRAPH, _filled("\n".join(lines), values)))
            lines.clear()

    for line in map(str.strip, text.splitlines()):
        if line.startswith("#"):
            end_paragraph()
            made.append(Part(PartKind.HEADING, _filled(line.lstrip("#").strip(), values)))
        elif line.startswith(_POINT):
            end_paragraph()
            made.append(Part(PartKind.POINT, _filled(line[2:].strip(), values)))
        elif line:
            lines.append(line)
        else:
            end_paragraph()
    end_paragraph()
    return tuple(part for part in made if part.text)


def script_fault(value: object) -> str | None:
    """What is wrong with a script of the configuration; None where nothing is."""
    if not isinstance(value, str) or len(value) > LONGEST:
        return f"must be a text of at most {LONGEST} characters"
    if any(not sign.isprintable() and sign not in "\n\r\t" for sign in value):
        return "has signs that cannot be shown; write plain text"
    return None


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda found: values.get(found[1].strip(), found[0]), text)
