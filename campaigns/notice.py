"""A notice: a survey that asks nothing of weight. What counts is whether its words were played to a person to the end.
Pure.

Its words are what its nodes of kind play say; where none says anything, what its exits say. So whoever hangs up during
the goodbye behind them has heard it. A menu may stand in it (once more; no more calls), and is no question.
"""

from collections.abc import Sequence
from typing import Final

from ivr.flow import Exit, Flow, Play
from ivr.graph import reachable

HEARD: Final = "heard_to_end"
"""Under this name it stands among the answers, with the values ``yes`` and ``no``."""
HEARD_KEPT: Final[dict[str, object]] = {
    "kind": "yes_no",
    "text": ["通知听到最后了吗？", "Was the notice heard to its end?"],
    "options": {"yes": ["听到最后", "Heard to the end"], "no": ["没有听完", "Not heard to the end"]},
}
"""As ``SurveyFormSeen`` has its questions."""


def words_of_notice(flow: Flow) -> frozenset[str]:
    """Names of the nodes that say the notice; empty where no voice says anything."""
    on_the_way = reachable(flow.nodes, flow.start)
    said = [node for node in flow.nodes.values() if node.name in on_the_way]
    plays = frozenset(node.name for node in said if isinstance(node, Play) and node.prompts)
    return plays or frozenset(node.name for node in said if isinstance(node, Exit) and node.prompts)


def heard_to_end(flow: Flow, told: Sequence[str]) -> bool:
    """True where, after the nodes ``told`` (said whole, in order), no words of the notice can follow that were not."""
    words = words_of_notice(flow)
    heard = [name for name in told if name in words]
    return bool(heard) and words.isdisjoint(reachable(flow.nodes, heard[-1]) - set(heard))
