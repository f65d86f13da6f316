"""What the console needs of other rooms to say and count what came of calls, by the rules of ``console.ports``."""

from collections.abc import Mapping
from typing import Protocol

from campaigns.promised import PromisedCall
from reports.dispositions import DispositionReport


class DispositionControl(Protocol):
    """Takes down what is said of a talk, and tells when the contact is called who was promised it by this, None where
    nobody was. ``ParseError`` names the field of ``values`` that is wrong or missing.
    """

    async def own(self, agent: str, call_id: str, code: str, values: Mapping[str, str], by: str) -> PromisedCall | None:
        """Account ``by`` of the agent himself says it of the talk that he is in, or which has ended within
        the last half hour; ``LocalProtocolError`` for any other.
        """
        ...

    async def later(
        self, agent: str, queue: str, call_id: str, code: str, values: Mapping[str, str], by: str
    ) -> PromisedCall | None:
        """Account ``by`` says it in the agent's place, of a talk of the past or of now."""
        ...


class DispositionQueries(Protocol):
    """What was said, counted (``store.dispositions`` fits)."""

    async def report(self, since: float, until: float) -> DispositionReport:
        """Of those that were said in [``since``, ``until``)."""
        ...
