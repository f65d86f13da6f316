"""What the rooms above see of telephony: legs that they can talk through, and a way to make new ones.

``telephony.leg`` and ``telephony.switchboard`` implement these over SIP and the media port; tests use doubles.
A journey runs as one task per call. When the leg that owns the journey ends, the journey's task is cancelled, so code
above cleans up in ``finally`` and needs no hang-up checks; an operation on a leg that has ended raises ``LegEnded``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from core.tap_target import TapTarget
from telephony.media.port import Tone


class EndReason(StrEnum):
    """Why a leg or call ended; one verdict per call."""

    NORMAL = "normal"
    CANCELLED = "cancelled"  # caller gave up before we answered
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    NO_PHONE = "no_phone"  # the agent called has no phone registered
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"  # trunk, phone or worker could not be reached
    CLOSED = "closed"
    MEDIA_LOST = "media_lost"  # media worker died or no RTP came for too long
    INTERRUPTED = "interrupted"  # our process died
    ERROR = "error"
    TAKEN_OVER = "taken_over"  # a supervisor goes on in this one's place


@dataclass(frozen=True, slots=True)
class LegEnd:
    """How a leg ended. ``by_us`` where we hung up; ``status`` the SIP status of a refusal, ``cause`` the telephone
    network's word for it (Q.850) where there was one; else 0. Of ours where the far end's answer was of no use.
    """

    reason: EndReason
    by_us: bool
    status: int = 0
    cause: int = 0


class Leg(Protocol):
    """One party of a call, with its audio."""

    @property
    def id(self) -> str:
        """The leg's id, also its name at the media port."""
        ...

    @property
    def call_id(self) -> str:
        """The call (event log) that it belongs to."""
        ...

    @property
    def number(self) -> str:
        """The far end's number as the wire gave it (ANI for incoming, dialled number for outgoing legs)."""
        ...

    @property
    def end(self) -> LegEnd | None:
        """How it ended; None while it lives."""
        ...

    async def ring(self) -> None:
        """Incoming leg: tell the caller that it rings (180)."""
        ...

    async def early(self) -> None:
        """Incoming leg: let the caller hear what there is before it is answered (183 with our SDP, RFC 3960); returns
        when audio can be played. No error for a leg that is answered; nothing happens where the caller wants our offer.
        """
        ...

    async def answer(self) -> None:
        """Incoming leg: answer; returns when audio can be played. Answering twice is no error."""
        ...

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        """End it by the right means for its state (refuse, CANCEL or BYE). Ending twice is no error.

        ``status`` and ``cause`` (Q.850) are those by which somebody refused who was called for this leg; they are
        passed on as ``telephony.causes`` has it.
        """
        ...

    async def wait_ended(self) -> LegEnd:
        """Return when the leg has ended, by whichever side."""
        ...

    async def play(self, sounds: Sequence[Path | Tone], *, loop: bool = False) -> bool:
        """Play 8 kHz mono WAV files and tones one after the other; False if ``stop`` or another ``play`` cut it short.

        What was playing before on this leg stops. Cancelling the call of ``play`` stops the audio.
        """
        ...

    async def stop(self) -> None:
        """Stop what plays, at once."""
        ...

    async def next_digit(self) -> str:
        """Wait for the next key (``0-9*#A-D``), from RFC 4733, INFO or in-band; keys pressed earlier come first."""
        ...

    def clear_digits(self) -> None:
        """Forget keys that nobody asked for yet."""
        ...

    async def start_tap(self, target: TapTarget) -> None:
        """Send what the far end says to a listener, until ``stop_tap``."""
        ...

    async def stop_tap(self) -> None:
        """End the tap."""
        ...


class LegMover(Protocol):
    """Takes whom a leg talks with into another call (attended transfer)."""

    async def move(self, old: Leg, call_id: str, *, when_moved: Callable[[], None], role: str = "") -> Leg:
        """A new leg of call ``call_id`` with the far end of ``old``, whose role in it is ``role`` ("": as before);
        ``when_moved`` is called just before ``old`` ends.

        ``LegEnded`` where that far end has hung up, ``Unavailable`` where it cannot be moved: ``old`` then goes on.
        """
        ...


TAKEN: Final = "taken"
"""Somebody else has answered the call for which a phone was rung."""


class AgentPhones(Protocol):
    """Rings agents (declared here because ``acd`` and ``campaigns`` both need it)."""

    async def ring(
        self,
        agent: str,
        call_id: str,
        *,
        caller: str,
        timeout_s: float,
        auto_answer: bool = False,
        role: str = "agent",
    ) -> Leg:
        """Ring the agent's phones and return the leg of the one that is answered first. With ``auto_answer`` a phone
        that is set up for it answers by itself. ``role`` is what he is in the call, as the log has it.

        Raises ``CallRejected`` (refused or busy), ``TransactionTimeout`` (rang ``timeout_s`` without answer) or
        ``Unavailable`` (no phone registered). Cancelling this call stops the ringing (SIP CANCEL) and never leaves a
        phone that rings or an answered leg behind; cancelled with the message ``TAKEN``, no phone shows a missed call.
        """
        ...


class Outside(Protocol):
    """Calls people on the public network."""

    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        """Call ``number`` through ``trunk``; the leg once answered. ``by`` is the agent or account that asks ("": a
        campaign). Raises and cancels as ``AgentPhones.ring``; ``NotAllowed`` where the number may not be called.
        """
        ...


class EarlyMedia(Protocol):
    """What the network lets us hear before a call to the outside is answered."""

    def watch_early(self, call_id: str, handler: Callable[[Leg], None]) -> Callable[[], None]:
        """Call ``handler`` with the leg of each call to the outside that is made for ``call_id`` from now on, once
        sound comes on it before the answer: it can be tapped then. The returned function ends that.
        """
        ...


class Alerting(Protocol):
    """Whether anything rings yet at whoever is called."""

    def watch_ringing(self, call_id: str, handler: Callable[[], None]) -> Callable[[], None]:
        """Call ``handler`` each time a phone says that it rings (180, RFC 3261 §21.1.2) that is called for ``call_id``,
        an agent's or outside. The returned function ends that.
        """
        ...
