"""Passwords: kept as scrypt hashes (RFC 7914), never in clear. Each call takes some 50 ms of a core: use a thread."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

_N: Final = 2**14
_R: Final = 8
_P: Final = 1
_MAX_MEMORY: Final = 64 * 1024 * 1024
_ALPHABET: Final = "23456789abcdefghijkmnpqrstuvwxyz"  # 32 letters that nobody mixes up
MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 200
NO_ACCOUNT_HASH: Final = f"scrypt${_N}${_R}${_P}$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "="
"""A hash that no password fits: verified in place of a missing account, so that both take the same time."""


def hash_password(password: str, salt: bytes, n: int = _N) -> str:
    """``scrypt$n$r$p$salt$digest``; ``salt`` are 16 unpredictable bytes, ``n`` is the cost (a power of two)."""
    digest = hashlib.scrypt(password.encode(), salt=salt, n=n, r=_R, p=_P, maxmem=_MAX_MEMORY, dklen=32)
    return f"scrypt${n}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def verify_password(password: str, kept: str) -> bool:
    """Whether ``password`` is the one behind ``kept``; False too where ``kept`` is not a hash that we make."""
    parts = kept.split("$")
    if len(parts) != 6 or parts[0] != "scrypt":
        return False
    try:
        n, r, p = (int(part) for part in parts[1:4])
        salt, wanted = base64.b64decode(parts[4]), base64.b64decode(parts[5])
        digest = hashlib.scrypt(
            password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=max(len(wanted), 16)
        )
    except ValueError:
        return False
    return hmac.compare_digest(digest, wanted)


def fresh_password(entropy: Callable[[int], bytes]) -> str:
    """A password for people to type once: four groups of four letters, 80 bits of chance."""
    letters = [_ALPHABET[byte & 31] for byte in entropy(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))
