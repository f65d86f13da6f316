"""What a WebSocket needs that tells one thing as it changes and only listens otherwise.

It is sent when it changes, at most twice a second, and every ``BEAT_S`` even if nothing does, so that the reader knows
soon when the line is cut. Close codes: 1008 not signed in, 1013 come again (too many readers, or the database is away),
4401 the session or the key has ended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from fastapi import WebSocket, WebSocketDisconnect

from core.errors import Unavailable

POLICY: Final = 1008
COME_AGAIN: Final = 1013
ENDED: Final = 4401
BEAT_S: Final = 5.0
_EVERY_S: Final = 0.5
T = TypeVar("T")


async def serve(socket: WebSocket, sending: Coroutine[Any, Any, None]) -> None:
    """Accept ``socket`` and do ``sending`` for as long as somebody reads; where it needs what cannot be read now, the
    reader is told to come again.
    """
    try:
        await socket.accept()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(sending)
            group.create_task(_until_gone(socket, task))
    except* WebSocketDisconnect:
        pass
    except* Unavailable:
        await socket.close(COME_AGAIN, "it cannot be read now")
    finally:
        sending.close()


async def _until_gone(socket: WebSocket, sending: asyncio.Task[None]) -> None:
    """Read and drop what the reader says, until it goes; then the sending ends too."""
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):  # gone; or closed by us; or it spoke binary
        sending.cancel()


class Readers:
    """Those who look at one kind of picture, ``most`` at a time. ``may`` is asked again at each beat."""

    def __init__(self, most: int, may: Callable[[WebSocket], Awaitable[bool]]) -> None:
        self._most = most
        self._may = may
        self._open = 0

    async def serve(self, socket: WebSocket, now: Callable[[], T | None], text: Callable[[T], str]) -> None:
        """Send ``text`` of what is ``now`` whenever that is another, for as long as the reader listens and may, and
        there is something (None: not any more).
        """
        if self._open >= self._most:
            await socket.close(COME_AGAIN)
            return
        self._open += 1
        try:
            if await self._may(socket) and now() is not None:
                await serve(socket, self._send(socket, now, text))
            else:
                await socket.close(POLICY)
        except Unavailable:  # whether he may cannot be read now
            await socket.close(COME_AGAIN)
        finally:
            self._open -= 1

    async def _send(self, socket: WebSocket, now: Callable[[], T | None], text: Callable[[T], str]) -> None:
        loop = asyncio.get_running_loop()
        beat_at, sent = 0.0, None
        while True:
            due = loop.time() >= beat_at
            if due and not await self._may(socket):
                await socket.close(ENDED, "signed out, or the key holds no longer")
                return
            shown = now()
            if shown is None:
                await socket.close(POLICY, "it is not there any more")
                return
            if due or shown != sent:
                beat_at, sent = loop.time() + BEAT_S, shown
                await socket.send_text(text(shown))
            await asyncio.sleep(_EVERY_S)
