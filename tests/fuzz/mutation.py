"""Messages made wrong, the same at every run for the same seed: by octets, by lines, by numbers, and by what other
messages have at that place.
"""

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
TORTURE: Final = FOLDER.parent / "vectors" / "rfc4475"
CORPUS: Final = FOLDER / "corpus"

SPICE: Final = (
    b"\r\n", b"\n", b"\\\x00", b"\r", b"\x00", b";", b",", b":", b"<", b">", b'"', b"\\", b"%", b"%00", b"%0d%0a", b"@",
    b" ", b"\t", b"=", b"?", b"\xff", b"\xc3", b"\xe4\xb8\xad", b"\xed\xa0\x80", b"SIP/2.0", b"sip:", b"sips:", b"tel:",
    b"[::1]", b"[", b"]", b"\r\n ", b"\r\n\r\n", b"99999999999", b"-1", b"*", b"/", b";tag=", b";lr",
    b";branch=z9hG4bK", b"Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n", b"Content-Length: 0\r\n", b"l:9\r\n",
    b"Route: <sip:a;lr>\r\n", b"Require: x\r\n", b"Contact: *\r\n", b"\xef\xbc\x91", b"\xc2\xb2",
)  # fmt: skip
"""Octets on which parsers stumble: separators, line ends, quotes, half characters, digits that are none."""
NUMBERS: Final = (
    b"0", b"-1", b"1", b"255", b"256", b"65535", b"65536", b"2147483647", b"2147483648", b"4294967295", b"4294967296",
    b"99999999999999999999", b"1e9", b"0x10", b"+5", b"007", b"9" * 400,
)  # fmt: skip
_DIGITS: Final = re.compile(rb"\d+")
_LENGTH: Final = re.compile(rb"\r\n(?:Content-Length|l) *:[^\r\n]*\r\n", re.IGNORECASE)
_MAX_GROWTH: Final = 3000
_MAX_BYTES: Final = 60_000

Edit = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def seeds() -> list[bytes]:
    """The torture messages of RFC 4475, and ordinary messages of the kinds that calls are made of."""
    return [path.read_bytes() for path in [*sorted(TORTURE.glob("*.dat")), *sorted(CORPUS.glob("*.sip"))]]


def resident_kib(pid: int | str = "self") -> int:
    """Memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def _below(chance: random.Random, limit: int) -> int:
    """As ``randrange``, which takes four times as long."""
    return int(chance.random() * limit)


def _one(chance: random.Random, things: Sequence[bytes]) -> bytes:
    return things[int(chance.random() * len(things))]


def _insert(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    place = _below(chance, len(data) + 1)
    return data[:place] + _one(chance, SPICE) + data[place:]


def _delete(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    place = _below(chance, len(data) + 1)
    return data[:place] + data[place + 1 + _below(chance, 20) :]


def _double(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    place = _below(chance, len(data) + 1)
    return data[:place] + data[place : place + 1 + _below(chance, 40)] + data[place:]


def _octet(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    place = _below(chance, len(data) + 1)
    return data[:place] + bytes((_below(chance, 256),)) + data[place + 1 :]


def _bit(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    place = _below(chance, len(data))
    return data[:place] + bytes((data[place] ^ 1 << _below(chance, 8),)) + data[place + 1 :]


def _cut(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    return data[: _below(chance, len(data) + 1)]


def _grow(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    place = _below(chance, len(data) + 1)
    return data[:place] + _one(chance, SPICE) * _below(chance, _MAX_GROWTH // 8) + data[place:]


def _number(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    match = _DIGITS.search(data, _below(chance, len(data) + 1))
    return data if match is None else data[: match.start()] + _one(chance, NUMBERS) + data[match.end() :]


def _without_line(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    del lines[_below(chance, len(lines))]
    return b"\r\n".join(lines)


def _line_again(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    lines.insert(_below(chance, len(lines)), _one(chance, lines))
    return b"\r\n".join(lines)


def _line_of_another(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    lines = data.split(b"\r\n")
    lines[_below(chance, len(lines))] = _one(chance, _one(chance, others).split(b"\r\n"))
    return b"\r\n".join(lines)


def _header_of_another(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """One header more: where it may stand again, or is new, the message is whole."""
    line = _one(chance, _one(chance, others).partition(b"\r\n\r\n")[0].split(b"\r\n"))
    start, end, rest = data.partition(b"\r\n")
    return start + end + line + b"\r\n" + rest


def _any_length(data: bytes, chance: random.Random, _: Sequence[bytes]) -> bytes:
    """A datagram needs no Content-Length: what is done to the body is then seen by whoever reads bodies."""
    return _LENGTH.sub(b"\r\n", data, count=1)


def _tail_of_another(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    other = _one(chance, others)
    return data[: _below(chance, len(data) + 1)] + other[_below(chance, len(other) + 1) :]


_EDITS: Final[tuple[Edit, ...]] = (
    _insert, _insert, _insert, _delete, _delete, _double, _octet, _octet, _bit, _number, _number, _without_line,
    _line_again, _line_of_another, _header_of_another, _header_of_another, _header_of_another, _any_length, _any_length,
    _any_length, _tail_of_another, _cut, _grow,
)  # fmt: skip
"""Each as often as it stands here: what leaves the message nearly whole comes deepest into a parser."""


def mutated(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """``data`` with one to five faults, two on average; ``others`` lend lines."""
    while True:
        data = _EDITS[int(chance.random() * len(_EDITS))](data, chance, others)
        if len(data) > _MAX_BYTES or chance.random() < 0.5:
            return data[:_MAX_BYTES]
