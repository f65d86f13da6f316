"""Agents' phones as the console shows them."""

from dataclasses import dataclass
from typing import Literal

PhoneState = Literal["new", "mute", "refused", "absent", "alive", "missed", "silent"]


@dataclass(frozen=True, slots=True)
class PhoneView:
    """One phone: ``contact`` as it registered, ``address`` where it is reached, ``user_agent`` what it calls itself.

    ``state``: new (not asked yet, or never), mute (has never answered OPTIONS, is rung all the same), refused (nor has
    it, and it could not be reached the last time), absent (the same twice: is not rung), alive, missed (the last
    question was not answered), silent (is not rung). A fixed phone has no times.
    """

    agent: str
    contact: str
    address: str
    user_agent: str
    fixed: bool
    state: PhoneState
    round_trip_ms: float | None
    refreshed_at: float | None
    expires_at: float | None
