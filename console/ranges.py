"""Bytes that are made when they are asked for, whole or in one range (RFC 9110 section 14), without holding up the
event loop.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Final, Protocol

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from console.problems import Problem, problem_response
from core.errors import Line400Error

_UNIT: Final = re.compile(r"\s*bytes\s*=", re.IGNORECASE)
_RANGE: Final = re.compile(r"\s*(\d{0,18})\s*-\s*(\d{0,18})\s*")


class Source(Protocol):
    """What is sent: ``size`` bytes of which any part can be read."""

    @property
    def size(self) -> int:
        """How many bytes there are."""
        ...

    def read(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes ``start`` ≤ n < ``end`` in pieces."""
        ...

    def close(self) -> None:
        """Nothing more is read."""
        ...


def bad_range(size: int) -> Problem:
    """416: the range asks for nothing of ``size`` bytes."""
    return Problem(
        416,
        "the range asks for nothing in this recording",
        where="header Range",
        mend=f"Ask for bytes=FIRST-LAST, both below {size}, or leave the header out.",
        code="bad_range",
        headers={"Content-Range": f"bytes */{size}"},
    )


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for all of it: no ``Range``, one in a unit that we do not know (which
    must be ignored, section 14.2), or several (which need not be obeyed). ``Problem`` 416 for what asks for nothing.
    """
    unit = None if header is None else _UNIT.match(header)
    if header is None or unit is None or "," in header:
        return None
    found = _RANGE.fullmatch(header, unit.end())
    if found is None or not any(found.groups()):
        raise bad_range(size)
    first, last = found.groups()
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    else:
        start, end = max(0, size - int(last)), size
    if start >= end:
        raise bad_range(size)
    return start, end


class RangedSource(Response):
    """An ASGI answer. ``open_source`` is called in a thread; what it raises as ``Problem`` is the answer."""

    def __init__(
        self,
        open_source: Callable[[], Source],
        *,
        media_type: str,
        etag: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._open = open_source
        self._etag = f'"{etag}"' if etag else ""
        self._told = {"Content-Type": media_type, "Accept-Ranges": "bytes", **(headers or {})}
        if self._etag:
            self._told["ETag"] = self._etag

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            source = await run_in_threadpool(self._open)
        except Problem as problem:
            await problem_response(problem, scope["path"])(scope, receive, send)
            return
        try:
            await self._send(source, scope, receive, send)
        finally:
            await run_in_threadpool(source.close)

    async def _send(self, source: Source, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)
        try:
            part = wanted_range(asked.get("range") if self._fresh(asked.get("if-range")) else None, source.size)
            start, end = part or (0, source.size)
            pieces = source.read(start, end)
            if scope["method"] != "HEAD":  # damage at the very beginning is still told as what it is
                pieces = chain([await run_in_threadpool(next, pieces, b"")], pieces)
        except Problem as problem:
            await problem_response(problem, scope["path"])(scope, receive, send)
            return
        except (Line400Error, OSError) as error:
            damaged = Problem(500, f"the recording cannot be read: {error}", code="recording_damaged")
            await problem_response(damaged, scope["path"])(scope, receive, send)
            return
        headers = {**self._told, "Content-Length": str(end - start)}
        if part is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{source.size}"
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200 if part is None else 206, "headers": raw})
        if scope["method"] != "HEAD":
            async for piece in iterate_in_threadpool(pieces):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _fresh(self, if_range: str | None) -> bool:
        return if_range is None or (bool(self._etag) and if_range == self._etag)
