"""The errors of the house. Peer data never meets ``assert``: it meets one of these."""


class Line400Error(Exception):
    """Root of all errors that this project raises on purpose."""


class ParseError(Line400Error):
    """Text or bytes from outside do not follow their grammar; ``where`` names the place (line, header, key)."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


class LocalProtocolError(Line400Error):
    """Our own code asked for something that the protocol forbids in this state."""


class ChangedSince(LocalProtocolError):  # noqa: N818
    """Somebody else has changed it after whoever asks has looked; the text says who and when."""


class RemoteProtocolError(Line400Error):
    """The peer broke the protocol; ``status`` is the SIP status to answer with."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class CallRejected(Line400Error):  # noqa: N818 - the trade's word
    """The far end refused the call with SIP ``status`` and, where given, a Q.850 ``cause``."""

    def __init__(self, status: int, reason: str = "", *, cause: int | None = None) -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason
        self.cause = cause


class NotAllowed(CallRejected):
    """We refuse to call a number outside, in words for people; ``passing`` where it may be called later."""

    def __init__(self, why: str, *, passing: bool = False) -> None:
        super().__init__(403, why)
        self.passing = passing


class TransactionTimeout(Line400Error):  # noqa: N818 - the RFC's word
    """No answer within the transaction's time (RFC 3261 timers B, F, H)."""


class Unavailable(Line400Error):  # noqa: N818
    """A peer, worker, trunk or file that is needed cannot be had now; the text says which and what to do."""


class LegEnded(Line400Error):  # noqa: N818
    """An operation was asked of a leg that has ended."""


class ConfigError(Line400Error):
    """The configuration is wrong; ``problems`` lists every fault as ``where: what is wrong and how to mend it``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
