"""What we can do, as peers are told it: the one place of Allow, Supported, Accept, Accept-Encoding and Accept-Language
(RFC 3261 §11.2 and §20), and of what screens and refusals measure requests by.
"""

from typing import Final

from telephony.sip.multipart import MULTIPART

METHODS: Final = frozenset(
    {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "PRACK", "REFER", "REGISTER"}
)
"""What the endpoint serves."""

EXTENSIONS: Final = frozenset({"timer", "100rel", "replaces", "norefersub"})
"""Option tags that the endpoint serves: session timers (RFC 4028), reliable provisional answers (RFC 3262), Replaces
(RFC 3891), REFER without subscription (RFC 4488).
"""

OF_REGISTRAR: Final = frozenset({"outbound", "path"})
"""Option tags that are served in REGISTER besides: flows (RFC 5626), proxies before a phone (RFC 3327)."""

SDP_TYPE: Final = "application/sdp"
INFO_TYPES: Final = ("application/dtmf-relay", "application/dtmf")
"""Bodies of INFO that are understood."""

ALLOW: Final = ("Allow", ", ".join(sorted(METHODS - {"REGISTER"})))
"""Within calls."""
ALLOW_ALL: Final = ("Allow", ", ".join(sorted(METHODS)))
"""Outside of them."""
ACCEPT: Final = ("Accept", ", ".join((SDP_TYPE, *sorted(MULTIPART))))
ACCEPT_INFO: Final = ("Accept", ", ".join(INFO_TYPES))
RECV_INFO: Final = ("Recv-Info", "")
"""The packages of INFO (RFC 6086) that are understood: none."""
ACCEPT_ENCODING: Final = ("Accept-Encoding", "identity")
ACCEPT_LANGUAGE: Final = ("Accept-Language", "en")
"""What our reason phrases and warnings are written in."""


def less(supported: tuple[str, str], refused: frozenset[str]) -> list[tuple[str, str]]:
    """The Supported header without what the far end has ``refused``; none where nothing is left."""
    name, value = supported
    left = [option for option in value.split(", ") if option not in refused]
    return [(name, ", ".join(left))] if left else []


def supported(*, timers: bool, reliable: bool = True, registrar: bool = False) -> tuple[str, str]:
    """The Supported header: ``timers`` where sessions are refreshed, ``reliable`` unless provisional answers cannot be
    asked for, ``registrar`` where phones may register.
    """
    left_out = ({"timer"} if not timers else set()) | ({"100rel"} if not reliable else set())
    return "Supported", ", ".join(sorted(EXTENSIONS - left_out | (OF_REGISTRAR if registrar else frozenset())))
