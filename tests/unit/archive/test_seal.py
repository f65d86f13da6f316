"""Sealed files: what comes out is what went in, from any place, and every change is found."""

import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.seal import CHUNK_BYTES, HEADER_BYTES, SealedFile, key_id, seal
from core.errors import ParseError

KEY = bytes(range(32))
SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 500]


def sealed(data: bytes, key: bytes = KEY) -> bytes:
    target = io.BytesIO()
    seal(io.BytesIO(data), target, key)
    return target.getvalue()


def opened(data: bytes, key: bytes = KEY) -> io.BufferedReader:
    return io.BufferedReader(SealedFile(io.BytesIO(data), key, "r.sealed"))


@pytest.mark.parametrize("size", SIZES)
def test_what_went_in_comes_out(size: int) -> None:
    data = os.urandom(size)
    stored = sealed(data)
    assert opened(stored).read() == data
    assert len(stored) == HEADER_BYTES + size + 16 * max(1, -(-size // CHUNK_BYTES))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2 * CHUNK_BYTES + 700), st.integers(0, CHUNK_BYTES + 100))
def test_it_is_read_from_any_place(start: int, length: int) -> None:
    data = bytes(range(251)) * (2 * CHUNK_BYTES // 251 + 2)
    file = opened(sealed(data))
    file.seek(start)
    assert file.read(length) == data[start : start + length]


def test_two_files_of_the_same_sound_differ_all_over() -> None:
    first, second = sealed(bytes(1000)), sealed(bytes(1000))
    assert first[HEADER_BYTES:] != second[HEADER_BYTES:]
    assert bytes(100) not in first[HEADER_BYTES:]


@pytest.mark.parametrize("place", [8, 20, HEADER_BYTES, HEADER_BYTES + CHUNK_BYTES, -1])
def test_a_changed_bit_is_found(place: int) -> None:
    stored = bytearray(sealed(os.urandom(2 * CHUNK_BYTES)))
    stored[place] ^= 1
    with pytest.raises(ParseError):
        opened(bytes(stored)).read()


@pytest.mark.parametrize("left", [0, 10, HEADER_BYTES, HEADER_BYTES + 5, HEADER_BYTES + CHUNK_BYTES + 16, -16, -1])
def test_a_cut_is_found_before_anything_is_read(left: int) -> None:
    stored = sealed(os.urandom(2 * CHUNK_BYTES + 100))
    with pytest.raises(ParseError):
        SealedFile(io.BytesIO(stored[:left]), KEY)


def test_chunks_that_changed_places_are_found() -> None:
    stored = sealed(os.urandom(3 * CHUNK_BYTES))
    step = CHUNK_BYTES + 16
    first, second = stored[HEADER_BYTES : HEADER_BYTES + step], stored[HEADER_BYTES + step : HEADER_BYTES + 2 * step]
    with pytest.raises(ParseError, match="changed"):
        opened(stored[:HEADER_BYTES] + second + first + stored[HEADER_BYTES + 2 * step :]).read()


def test_another_key_is_named() -> None:
    other = bytes(32)
    with pytest.raises(ParseError, match=f"sealed with key {key_id(KEY)}, but the key here is {key_id(other)}"):
        opened(sealed(b"secret"), other)
