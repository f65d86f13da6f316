"""A fitted cycle as text, so that a process without the survival library can read what another has fitted."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from campaigns.tradein.cycle import Curve, Cycle, Point, Span
from core.errors import ParseError

_VERSION: Final = 1
_MOST: Final = 10_000_000
"""Characters: three hundred models with their curves are a tenth of it."""


def written(cycle: Cycle) -> str:
    """JSON of ``cycle``."""
    return json.dumps({"version": _VERSION, **asdict(cycle)}, ensure_ascii=False)


def read(text: str) -> Cycle:
    """What ``written`` wrote; ``ParseError`` for anything else."""
    if len(text) > _MOST:
        raise ParseError("too long for a replacement cycle")
    try:
        values = json.loads(text)
        if values.pop("version") != _VERSION:
            raise ParseError("fitted by another version; fit the cycle again: line400 tradein fit")
        values["medians"] = {name: Span(**span) for name, span in values["medians"].items()}
        values["segment_medians"] = {name: Span(**span) for name, span in values["segment_medians"].items()}
        values["curves"] = {name: _curve(curve) for name, curve in values["curves"].items()}
        return Cycle(**values)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ParseError("no replacement cycle; fit it again: line400 tradein fit") from None


def _curve(values: Mapping[str, Any]) -> Curve:
    points = tuple(Point(**point) for point in values["points"])
    return Curve(values["owners"], values["replaced"], Span(**values["median"]), points)
