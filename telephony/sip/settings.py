"""What can be set about the SIP endpoint, and every bound that keeps peers from filling our memory."""

from dataclasses import dataclass, field

from telephony.sip.timers import TimerValues


@dataclass(frozen=True, slots=True)
class SipSettings:
    """Defaults fit one site. Times are seconds."""

    user_agent: str = "Line400"
    timers: TimerValues = field(default_factory=TimerValues)
    max_transactions: int = 20_000
    max_sessions: int = 2_000
    max_sessions_per_host: int = 1_000
    max_requests: int = 2_000
    """Requests outside dialogs that wait for ``answer_request``, and as many of our own that wait for an answer."""
    max_ringing_s: float = 300.0
    """Our INVITE is cancelled when it has had no final answer for so long; a peer's is refused with 480."""
    session_expires_s: int = 1800
    """Session timers (RFC 4028): the interval that we ask for; 0 for none."""
    udp_limit: int = 1300
    """Longer requests go by TCP where that is taken (RFC 3261 §18.1.1), octets; 0: never."""
    handed_up: frozenset[str] = frozenset({"REGISTER", "OPTIONS"})
    """Methods outside a dialog that become ``Requested``; others are refused with 405 or 501."""
    behind_nat: bool = True
    """Send in-dialog requests to where the peer's messages really come from when its Contact is a private address that
    differs (symmetric signalling); off for a site where all private addresses can be reached."""
