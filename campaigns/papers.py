"""A survey as people write it, before it is read: nothing but its nodes, so that whoever keeps it needs no reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Node: TypeAlias = Mapping[str, object]
"""A node by the keys of a survey file, with its ``name``."""


@dataclass(frozen=True, slots=True)
class SurveyPaper:
    """Survey ``name`` with its ``nodes`` in order, see ``campaigns.survey_paper``."""

    name: str
    nodes: tuple[Node, ...]
