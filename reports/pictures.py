"""Pictures of a report as plain shapes, which a page (SVG) and a document (PDF) draw alike. Lengths in points, y from
the top.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final, Literal, TypeAlias

FONTS: Final = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif"


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; ``told`` is shown where a reader points at it."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through ``points``."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text whose baseline begins, has its middle or ends at the point."""

    x: float
    y: float
    text: str
    size: float = 9.0
    colour: str = "#333333"
    anchor: Literal["start", "middle", "end"] = "start"


Shape: TypeAlias = Box | Stroke | Words


@dataclass(frozen=True, slots=True)
class Picture:
    """``shapes`` in the order in which they are drawn; ``title`` says of what."""

    title: str
    width: float
    height: float
    shapes: tuple[Shape, ...]


def to_svg(picture: Picture) -> str:
    """The picture as an SVG element that may stand in a page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(picture.width)} {_n(picture.height)}" '
        f'width="100%" role="img" aria-label="{escape(picture.title)}" font-family="{FONTS}">'
        f"{''.join(_shapes(picture.shapes))}</svg>"
    )


def _shapes(shapes: Iterable[Shape]) -> Iterable[str]:
    for shape in shapes:
        match shape:
            case Box(x, y, width, height, colour, told):
                inside = f"<title>{escape(told)}</title>" if told else ""
                place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
                yield f'<rect {place} fill="{escape(colour)}">{inside}</rect>'
            case Stroke(points, colour, width):
                path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
                yield f'<polyline points="{path}" fill="none" stroke="{escape(colour)}" stroke-width="{_n(width)}"/>'
            case Words(x, y, text, size, colour, anchor):
                place = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{escape(colour)}"'
                yield f'<text {place} text-anchor="{anchor}">{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
