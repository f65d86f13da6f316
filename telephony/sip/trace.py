"""Messages as they pass, for those who must see the wire: logger ``line400.sip.trace``, off until it is set to DEBUG.

The trace holds numbers, names and digits, all of it personal data: switch it on for a fault, and off again.
"""

import logging
from typing import Final

from telephony.sip.hop import Hop

TRACE: Final = logging.getLogger("line400.sip.trace")
TRACE.setLevel(logging.WARNING)  # so that a root logger at DEBUG does not switch it on


def trace(direction: str, data: bytes, hop: Hop) -> None:
    """Log one message; ``direction`` is ``received from`` or ``sent to``."""
    if TRACE.isEnabledFor(logging.DEBUG):
        TRACE.debug("%s %s\n%s", direction, hop, data.decode("utf-8", "backslashreplace"))
