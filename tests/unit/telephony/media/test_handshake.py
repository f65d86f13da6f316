"""The secret that control and media hosts share: proofs, frames, the file."""

from pathlib import Path

import pytest

from core.errors import ParseError, Unavailable
from telephony.media.handshake import (
    LENGTH,
    MAX_FRAME,
    Challenge,
    Claim,
    Message,
    Welcome,
    body_length,
    control_proof,
    host_proof,
    pack_frame,
    read_secret,
    same,
    unpack_body,
)
from telephony.media.remote import RemoteWorker, place_of

SECRET = b"0123456789abcdef"
HOST_NONCE, CONTROL_NONCE = bytes(range(32)), bytes(range(32, 64))


def test_a_proof_holds_for_its_role_its_secret_and_its_nonces_only() -> None:
    proof = control_proof(SECRET, HOST_NONCE, CONTROL_NONCE)
    assert same(proof, control_proof(SECRET, HOST_NONCE, CONTROL_NONCE))
    others = (
        host_proof(SECRET, HOST_NONCE, CONTROL_NONCE),
        control_proof(SECRET, CONTROL_NONCE, HOST_NONCE),
        control_proof(SECRET + b"!", HOST_NONCE, CONTROL_NONCE),
        control_proof(SECRET, bytes(32), CONTROL_NONCE),
    )
    assert not any(same(proof, other) for other in others)
    assert not same(b"", proof)
    with pytest.raises(ParseError, match="nonce"):
        control_proof(SECRET, HOST_NONCE, b"short")


@pytest.mark.parametrize(
    "message", [Challenge(2, HOST_NONCE), Claim(CONTROL_NONCE, bytes(32), 10.0), Welcome(bytes(32), "192.0.2.7")]
)
def test_frames_come_back(message: Message) -> None:
    frame = pack_frame(message)
    assert body_length(frame[:4]) == len(frame) - 4
    assert unpack_body(type(message), frame[4:]) == message


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[" * 900, b'{"media":2}', b'{"media":true,"nonce":""}', b'{"media":2,"nonce":"?"}', b"\xff"]
)
def test_what_is_no_frame_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        unpack_body(Challenge, body)


def test_a_stranger_cannot_make_us_read_much() -> None:
    assert body_length(LENGTH.pack(MAX_FRAME)) == MAX_FRAME
    with pytest.raises(ParseError):
        body_length(LENGTH.pack(MAX_FRAME + 1))


def test_the_secret_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    with pytest.raises(Unavailable, match="No such file"):
        read_secret(path)
    path.write_bytes(SECRET + b"\n")
    path.chmod(0o644)
    with pytest.raises(Unavailable, match="chmod 600"):
        read_secret(path)
    path.chmod(0o600)
    assert read_secret(path) == SECRET
    path.write_bytes(b"short\n")
    with pytest.raises(Unavailable, match="shorter than 16"):
        read_secret(path)


def test_secrets_are_not_shown() -> None:
    worker = RemoteWorker("2001:db8::1", 7400, SECRET)
    assert "0123456789" not in repr(worker)
    assert str(worker) == "[2001:db8::1]:7400"


@pytest.mark.parametrize(
    ("text", "place"),
    [("192.0.2.1:7400", ("192.0.2.1", 7400)), ("[2001:db8::1]:7400", ("2001:db8::1", 7400)), ("media:1", ("media", 1))],
)
def test_places(text: str, place: tuple[str, int]) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    "text", ["", "media", "media:", ":7400", "2001:db8::1:7400", "media:x", "media:65536", "[a]:1"]
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ParseError):
        place_of(text)
