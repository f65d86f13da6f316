"""One leg's side of offer and answer (RFC 3264): keeps what our descriptions carry from one to the next.

That is the session id and version, the payload types that the session has used, and our keys.
"""

import secrets
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Final

from core.errors import ParseError
from telephony.media.port import Address, Stream
from telephony.sdp.negotiate import (
    DEFAULT_CODECS,
    NegotiationError,
    Security,
    accept_answer,
    answer_offer,
    make_offer,
)
from telephony.sdp.places import is_loopback
from telephony.sdp.sdes import Encryption, LegKeys
from telephony.sdp.session import Encoding, SessionDescription, parse_sdp


@dataclass(frozen=True, slots=True)
class Terms:
    """How a trunk or phone is spoken to: ``codecs`` that may be agreed, best first, whether it is encrypted, and
    whether SIP goes to it over ``loopback``.
    """

    codecs: tuple[str, ...] = DEFAULT_CODECS
    encryption: Encryption = Encryption.OFF
    loopback: bool = False

    def towards(self, host: str) -> "Terms":
        """For the far end whose SIP comes from, or goes to, ``host``."""
        return replace(self, loopback=is_loopback(host))


PLAIN_TERMS: Final = Terms()
"""As carriers have it: G.711 that is not encrypted."""


def _session_id(entropy: Callable[[int], bytes]) -> int:
    """RFC 8866 §5.2 wants it unique, RFC 3264 §5 within 64 bits; 31 bits every far end can read. It is drawn, so that
    it says nothing of us.
    """
    return int.from_bytes(entropy(4)) >> 1


class SdpSide:
    """Makes our offers and answers for the RTP port ``local``; methods raise ``NegotiationError`` where none agree.

    ``prefer`` are codecs that come before the others of ``codecs``: those of the leg that this one is to be joined to.
    ``loopback`` is of ``Terms``; where it is not known, whoever hears us on a loopback port is on this machine too.
    """

    def __init__(
        self,
        local: Address,
        codecs: Sequence[str],
        *,
        prefer: Sequence[str] = (),
        encryption: Encryption = Encryption.OFF,
        loopback: bool | None = None,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._local = local
        self._session_id = _session_id(entropy)
        self._codecs = tuple(codecs)
        self.prefer = tuple(prefer)
        self._security = Security(encryption, None if encryption is Encryption.OFF else LegKeys(entropy))
        self._loopback = is_loopback(local.host) if loopback is None else loopback
        self._version = -1
        self._offered = b""
        self._agreed = ""
        self._types: dict[Encoding, int] = {}

    def at(self, local: Address) -> "SdpSide":
        """The same session on another RTP port of ours: its id, version, payload types and keys go on (section 8)."""
        moved = copy(self)
        moved._local = local
        return moved

    @property
    def agreed(self) -> bool:
        """Whether an offer of either side has had an answer that can be used."""
        return bool(self._agreed)

    def offer(self) -> bytes:
        """Our offer; remembered for ``take_answer``."""
        self._version += 1
        self._offered = make_offer(
            self._local,
            session_id=self._session_id,
            version=self._version,
            codecs=self._to_offer(),
            known=self._types,
            security=self._security,
        )
        self._note_types(parse_sdp(self._offered))
        return self._offered

    def _to_offer(self) -> tuple[str, ...]:
        preferred = [name for name in (self._agreed, *self.prefer) if name in self._codecs]
        return tuple(dict.fromkeys([*preferred, *self._codecs]))

    def take_answer(self, answer: bytes) -> Stream:
        """What the far end's answer to our last offer agrees to."""
        try:
            stream = accept_answer(parse_sdp(self._offered), parse_sdp(answer), self._security, loopback=self._loopback)
        except ParseError as error:
            raise NegotiationError(f"the answer is no SDP: {error}") from None
        self._agreed = stream.codec
        return stream

    def answer(self, offer: bytes) -> tuple[bytes, Stream]:
        """Our answer to the far end's offer, and what is agreed."""
        self._version += 1
        try:
            offered = parse_sdp(offer)
            answer, stream = answer_offer(
                offered,
                self._local,
                session_id=self._session_id,
                version=self._version,
                codecs=self._codecs,
                prefer=self.prefer,
                security=self._security,
                loopback=self._loopback,
            )
        except ParseError as error:
            raise NegotiationError(f"the offer is no SDP: {error}") from None
        self._note_types(offered)
        self._agreed = stream.codec
        return answer, stream

    def _note_types(self, session: SessionDescription) -> None:
        """What a payload type has meant in the session, it means to its end (RFC 3264 section 8.3.2)."""
        for media in session.media:
            if media.kind == "audio":
                for payload_type, encoding in media.encodings.items():
                    if payload_type.isascii() and payload_type.isdigit():
                        self._types[encoding] = int(payload_type)
