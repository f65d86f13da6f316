"""Encryption at rest: a file in chunks of AES-256-GCM, so that a reader can jump without reading what is before.

Layout: ``L4SEAL1\\n``, 8 bytes that name the key, 16 random bytes (salt), then chunks of 65,536 bytes of plain text,
each followed by its tag of 16 bytes; only the last may be shorter. Every file has a key of its own, HKDF-SHA256 (RFC
5869) of the house's key and the salt, so chunk numbers can serve as nonces: 11 bytes of number and one that is 1 for
the last chunk. A chunk that was changed, moved, left out or cut off is found when it is read (the construction is
STREAM, https://eprint.iacr.org/2015/189). The header is authenticated with every chunk.
"""

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from archive.keys import KEY_BYTES
from core.errors import ParseError

SUFFIX: Final = ".sealed"
MAGIC: Final = b"L4SEAL1\n"
_ID_BYTES: Final = 8
_SALT_BYTES: Final = 16
HEADER_BYTES: Final = len(MAGIC) + _ID_BYTES + _SALT_BYTES
CHUNK_BYTES: Final = 1 << 16
_TAG_BYTES: Final = 16
_STORED_BYTES: Final = CHUNK_BYTES + _TAG_BYTES


def key_id(key: bytes) -> str:
    """Sixteen hexadecimal digits that tell keys apart and say nothing about them."""
    return hashlib.sha256(b"line400 recording key id" + key).digest()[:_ID_BYTES].hex()


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, b"line400 recording").derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def seal(source: BinaryIO, target: BinaryIO, key: bytes, entropy: Callable[[int], bytes] = os.urandom) -> None:
    """Write what ``source`` holds from its position on to ``target``, sealed with ``key`` (32 bytes)."""
    salt = entropy(_SALT_BYTES)
    header = MAGIC + bytes.fromhex(key_id(key)) + salt
    cipher = _cipher(key, salt)
    target.write(header)
    number = 0
    chunk = source.read(CHUNK_BYTES)
    while True:
        following = source.read(CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        target.write(cipher.encrypt(_nonce(number, last=not following), chunk, header))
        if not following:
            return
        chunk = following
        number += 1


class SealedFile(io.RawIOBase):
    """The plain text of a sealed file, to be read from any place. Takes over ``file`` and closes it.

    ``ParseError`` (also from reads) where the file is not sealed, sealed with another key, damaged or cut.
    """

    def __init__(self, file: BinaryIO, key: bytes, name: str = "") -> None:
        super().__init__()
        self._file = file
        self._name = name
        header = file.read(HEADER_BYTES)
        if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
            raise ParseError("this is no sealed recording, or it was cut within its first bytes", where=name)
        self._header = header
        named = header[len(MAGIC) : len(MAGIC) + _ID_BYTES].hex()
        if named != key_id(key):
            raise ParseError(f"sealed with key {named}, but the key here is {key_id(key)}", where=name)
        self._cipher = _cipher(key, header[-_SALT_BYTES:])
        stored = file.seek(0, os.SEEK_END) - HEADER_BYTES
        self._chunks = max(1, -(-stored // _STORED_BYTES))
        self._size = stored - _TAG_BYTES * self._chunks
        self._at = 0
        self._held = -1
        self._plain = b""
        if stored - (self._chunks - 1) * _STORED_BYTES < _TAG_BYTES:
            raise ParseError("the file was cut", where=name)
        self._chunk(self._chunks - 1)  # a file that was cut between two chunks is found out before it is used

    def _chunk(self, number: int) -> bytes:
        if number != self._held:
            self._file.seek(HEADER_BYTES + number * _STORED_BYTES)
            stored = self._file.read(_STORED_BYTES)
            try:
                nonce = _nonce(number, last=number == self._chunks - 1)
                self._plain = self._cipher.decrypt(nonce, stored, self._header)
            except InvalidTag:
                raise ParseError("the sealed recording was changed or cut", where=self._name) from None
            self._held = number
        return self._plain

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; the new one."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed wants any buffer
        """Fill ``buffer`` as far as the chunk at hand goes; how many bytes."""
        if self._at >= self._size or not len(buffer):
            return 0
        number, offset = divmod(self._at, CHUNK_BYTES)
        part = self._chunk(number)[offset : offset + len(buffer)]
        memoryview(buffer)[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """Close it and the file below."""
        self._file.close()
        super().close()


def open_sealed(path: Path, key: bytes) -> SealedFile:
    """The plain text of the sealed file ``path``; ``ParseError`` and ``OSError`` as ``SealedFile``."""
    file = path.open("rb")
    try:
        return SealedFile(file, key, str(path))
    except ParseError:
        file.close()
        raise
