"""Where log lines go: standard error, one line each, for journald or a file. No personal data gets into them but by the
SIP trace, which is off unless asked for and shows whole messages.
"""

import logging
import sys
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

_FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
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


class LocalLines(logging.Formatter):
    """Lines with the time in ``zone`` (None: that of the machine) and how far that is from UTC, so that nobody who
    holds them beside other times has to guess: ``2026-05-01 08:30:00.250+08:00``.
    """

    def __init__(self, zone: tzinfo | None) -> None:
        super().__init__(_FORMAT)
        self._zone = zone

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        """See ``logging.Formatter``."""
        return datetime.fromtimestamp(record.created).astimezone(self._zone).isoformat(" ", "milliseconds")


def set_up_logs(level: LogLevel, *, sip_trace: bool = False, zone: tzinfo | None = None) -> None:
    """Tell our own rooms' lines from ``level`` up, and other people's from warnings up; times are of ``zone``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LocalLines(zone))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    set_level(level)
    logging.getLogger(_SIP_TRACE).setLevel(logging.DEBUG if sip_trace else logging.WARNING)
