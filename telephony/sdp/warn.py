"""Why a session description cannot be agreed to, in the codes of the Warning header (RFC 3261 §20.43)."""

from enum import IntEnum


class Warn(IntEnum):
    """The codes that we use."""

    ADDRESS_FORMAT = 301
    TRANSPORT = 302
    MEDIA_TYPE = 304
    MEDIA_FORMAT = 305
    MULTICAST = 330
    OTHER = 399
