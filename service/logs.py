"""Where log lines go: standard error, one line each, for journald or a file. No personal data gets into them but by the
SIP trace, which is off unless asked for and shows whole messages.
"""

import logging
import sys
from enum import StrEnum
from typing import Final

_FORMAT: Final = "%(asctime)s.%(msecs)03d %(levelname)-7s %(name)s: %(message)s"
_SIP_TRACE: Final = "line400.sip.trace"


class LogLevel(StrEnum):
    """How much is told."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def set_level(level: LogLevel) -> None:
    """Tell our own rooms' lines from ``level`` up."""
    logging.getLogger("line400").setLevel(level.value.upper())


def set_up_logs(level: LogLevel, *, sip_trace: bool = False) -> None:
    """Tell our own rooms' lines from ``level`` up, and other people's from warnings up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(_FORMAT, "%Y-%m-%d %H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level(level)
    logging.getLogger(_SIP_TRACE).setLevel(logging.DEBUG if sip_trace else logging.WARNING)
