"""Loopback addresses that belong to one process, so that two benches or tests at once never meet at a port."""

import os


def own_host(which: int = 0) -> str:
    """Of 127.64.0.0/10: the ``which``-th (of 8) address of this process, as long as no other has its number."""
    number = (os.getpid() * 8 + which) & 0x3FFFFF
    return f"127.{64 + (number >> 16)}.{number >> 8 & 0xFF}.{number & 0xFF}"
