"""How control and a media host on another machine make sure of each other before the port begins. Pure.

Frames as in ``wire``. The host speaks first: ``Challenge`` with the port version and its nonce. Control proves that it
has the shared secret and sends a nonce of its own (``Claim``), the host proves the same (``Welcome``) and hands the
connection to a worker, which says ``hello`` as ever. A proof is HMAC-SHA256 over its role and both nonces, so neither
an old proof nor the other side's own is of any use. The secret never travels. What follows is neither encrypted nor
signed: the way between the machines must be private.
"""

import hmac
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from core.errors import ParseError, Unavailable
from telephony.media.plain import from_plain, to_plain

NONCE_OCTETS: Final = 32
MAX_FRAME: Final = 1024
LENGTH: Final = struct.Struct("!I")
_LEAST_SECRET: Final = 16
_OTHERS: Final = 0o077

Message = TypeVar("Message", "Challenge", "Claim", "Welcome")


@dataclass(frozen=True, slots=True)
class Challenge:
    """The host's first word: the version of the media port that it speaks, and its nonce."""

    media: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """Control's answer: its own nonce, its proof, and after how many seconds without RTP ``RtpSilent`` is said."""

    nonce: bytes
    proof: bytes
    silent_s: float


@dataclass(frozen=True, slots=True)
class Welcome:
    """The host's proof, and the address that goes into SDP for the legs of this worker."""

    proof: bytes
    host: str


def control_proof(secret: bytes, host_nonce: bytes, control_nonce: bytes) -> bytes:
    """What only a control with the secret can say."""
    return _prove(secret, b"line400 control", host_nonce, control_nonce)


def host_proof(secret: bytes, host_nonce: bytes, control_nonce: bytes) -> bytes:
    """What only a host with the secret can say."""
    return _prove(secret, b"line400 media host", host_nonce, control_nonce)


def same(proof: bytes, wanted: bytes) -> bool:
    """Whether a proof holds, in a time that tells nothing."""
    return hmac.compare_digest(proof, wanted)


def _prove(secret: bytes, role: bytes, host_nonce: bytes, control_nonce: bytes) -> bytes:
    if len(host_nonce) != NONCE_OCTETS or len(control_nonce) != NONCE_OCTETS:
        raise ParseError(f"a nonce must have {NONCE_OCTETS} octets", where="media host")
    return hmac.digest(secret, role + b"\0" + host_nonce + control_nonce, "sha256")


def pack_frame(message: Challenge | Claim | Welcome) -> bytes:
    """The frame of ``message``."""
    body = json.dumps(to_plain(message), separators=(",", ":")).encode()
    return LENGTH.pack(len(body)) + body


def unpack_body(kind: type[Message], body: bytes) -> Message:
    """The message in a frame's body; ``ParseError`` for anything else."""
    try:
        return from_plain(kind, json.loads(body))
    except (TypeError, ValueError, RecursionError) as error:
        raise ParseError(f"no {kind.__name__}: {error}", where="media host") from None


def body_length(header: bytes) -> int:
    """How long the body is, by the four octets before it; ``ParseError`` over ``MAX_FRAME``."""
    (length,) = LENGTH.unpack(header)
    if length > MAX_FRAME:
        raise ParseError(f"frame of {length} bytes", where="media host")
    return int(length)


def read_secret(path: Path) -> bytes:
    """The shared secret in a file that nobody but its owner may read; ``Unavailable`` says what is wrong."""
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes().strip()
    except OSError as error:
        raise Unavailable(f"cannot read the secret in {path}: {error.strerror}") from None
    if mode & _OTHERS:
        raise Unavailable(f"others may read {path}, which holds a secret; run: chmod 600 {path}")
    if len(secret) < _LEAST_SECRET:
        raise Unavailable(f"the secret in {path} is shorter than {_LEAST_SECRET} characters; run: openssl rand -hex 32")
    return secret
