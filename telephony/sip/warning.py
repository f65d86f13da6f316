"""Warnings: why a session description was refused, for whoever looks at the far end's trace (RFC 3261 §20.43)."""

from typing import Final

from telephony.sip.grammar import quote

MAX_TEXT: Final = 160
"""Characters; longer texts are cut."""
NO_SIPS: Final = 380
"""RFC 5630 §6.1."""
OTHER: Final = 399
NO_SESSION: Final = "this session description cannot be agreed to"


def warning(code: int, host: str, text: str) -> tuple[str, str]:
    """The Warning header; ``host`` is the one that peers know us by, as in Via."""
    return "Warning", f"{int(code)} {host} {quote(text[:MAX_TEXT])}"
