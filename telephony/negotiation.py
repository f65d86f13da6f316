"""One leg's side of offer and answer (RFC 3264): keeps the session id and version that our descriptions carry."""

from collections.abc import Sequence

from core.errors import ParseError
from telephony.media.port import Address, Stream
from telephony.sdp.negotiate import NegotiationError, accept_answer, answer_offer, make_offer
from telephony.sdp.session import parse_sdp


class SdpSide:
    """Makes our offers and answers for the RTP port ``local``; methods raise ``NegotiationError`` where none agree."""

    def __init__(self, local: Address, codecs: Sequence[str]) -> None:
        self._local = local
        self._codecs = tuple(codecs)
        self._version = -1
        self._offered = b""

    def offer(self) -> bytes:
        """Our offer; remembered for ``take_answer``."""
        self._version += 1
        self._offered = make_offer(self._local, session_id=self._local.port, version=self._version, codecs=self._codecs)
        return self._offered

    def take_answer(self, answer: bytes) -> Stream:
        """What the far end's answer to our last offer agrees to."""
        try:
            return accept_answer(parse_sdp(self._offered), parse_sdp(answer))
        except ParseError as error:
            raise NegotiationError(f"the answer is no SDP: {error}") from None

    def answer(self, offer: bytes) -> tuple[bytes, Stream]:
        """Our answer to the far end's offer, and what is agreed."""
        self._version += 1
        try:
            return answer_offer(
                parse_sdp(offer),
                self._local,
                session_id=self._local.port,
                version=self._version,
                codecs=self._codecs,
            )
        except ParseError as error:
            raise NegotiationError(f"the offer is no SDP: {error}") from None
