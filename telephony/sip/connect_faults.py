"""Why a connection that we make does not come about, in words for whoever has to mend it (RFC 5922 §7.2 and §4.3)."""

import ssl
from dataclasses import dataclass
from enum import Enum
from typing import Final

_EXPIRED, _NOT_YET = 10, 9
_WRONG_NAMES: Final = frozenset({62, 63, 64})
_STRANGE_AUTHORITIES: Final = frozenset({2, 18, 19, 20, 21})
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNEXPECTED_EOF"})
_OURS: Final = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "ALERT_BAD_CERTIFICATE", "ALERT_UNKNOWN_CA")


class ConnectFault(Enum):
    """What is wrong; X509_V_ERR numbers of OpenSSL and its alerts decide."""

    EXPIRED = "its certificate has expired"
    NOT_YET_VALID = "its certificate is not valid yet"
    WRONG_NAME = "its certificate is for another name"
    UNKNOWN_AUTHORITY = "its certificate is of an authority that is not trusted here"
    CERTIFICATE = "its certificate cannot be trusted"
    OURS_REFUSED = "it wants a certificate of ours, or refuses the one that we show"
    NO_TLS = "what listens there does not speak TLS"
    TLS = "no TLS can be agreed on"
    CLOSED = "it closes the connection without a word; by TLS: perhaps it wants a certificate of ours"
    REFUSED = "nothing listens there"
    SILENT = "no connection in time"
    OTHER = "no connection"


@dataclass(frozen=True, slots=True)
class FailedConnection:
    """``detail`` is what the system said."""

    fault: ConnectFault
    detail: str

    def __str__(self) -> str:
        return f"{self.fault.value} ({self.detail})" if self.detail else self.fault.value


CLOSED: Final = FailedConnection(ConnectFault.CLOSED, "")


def failed(error: Exception) -> FailedConnection:
    """What ``error`` of a connection attempt means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return FailedConnection(_of_certificate(error.verify_code), error.verify_message.rstrip("."))
    if isinstance(error, ssl.SSLError):
        return FailedConnection(_of_tls(error.reason or ""), (error.reason or str(error)).replace("_", " ").lower())
    if isinstance(error, ConnectionRefusedError):
        return FailedConnection(ConnectFault.REFUSED, "")
    if isinstance(error, TimeoutError):
        return FailedConnection(ConnectFault.SILENT, "")
    return FailedConnection(ConnectFault.OTHER, str(error))


def _of_certificate(code: int) -> ConnectFault:
    if code == _EXPIRED:
        return ConnectFault.EXPIRED
    if code == _NOT_YET:
        return ConnectFault.NOT_YET_VALID
    if code in _WRONG_NAMES:
        return ConnectFault.WRONG_NAME
    return ConnectFault.UNKNOWN_AUTHORITY if code in _STRANGE_AUTHORITIES else ConnectFault.CERTIFICATE


def _of_tls(reason: str) -> ConnectFault:
    if any(reason.startswith(one) for one in _NO_TLS):
        return ConnectFault.NO_TLS
    return ConnectFault.OURS_REFUSED if any(one in reason for one in _OURS) else ConnectFault.TLS
