"""The live board, once over HTTP or for as long as one looks over the WebSocket.

Messages of the WebSocket are JSON objects with a ``kind``: ``event`` (one line of the log), ``board`` (the whole live
picture, after changes, at most twice a second, only with ``?board=1``), ``ping``, and ``gap`` (``?after=`` lies too far
back: load afresh). With ``?wall=1`` there is only ``wall``, the picture for a wall screen (``console.api.wall``). Close
codes: 4401 the session has ended, 1013 the reader was too slow (connect again with ``?after=`` the last seq).
"""

import asyncio
import json
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, WebSocket

from console.api import API
from console.api.pushing import COME_AGAIN, ENDED, POLICY, serve
from console.api.wall import Walls
from console.deps import ConsoleDeps
from console.feed import RESUME_MOST, Feed, Reader, event_text
from console.guard import Guard
from console.live_views import AlarmLive, Board
from console.masks import is_told
from console.problems import Problem
from console.sessions import Session

_BOARD_EVERY_S: Final = 0.5
_RESUME_PAGE: Final = 500
_LAST_SEQ: Final = 2**63 - 1
"""The greatest number that the database can be asked about."""


def live_router(deps: ConsoleDeps, guard: Guard, feed: Feed, walls: Walls) -> APIRouter:
    """Routes ``/live`` and ``/events``."""
    router = APIRouter(prefix=API, tags=["live"])

    @router.get("/live", summary="实时看板 Live board")
    async def live(session: Annotated[Session, Depends(guard.user)]) -> Board:
        """Queues with waiting callers, agents with states, calls in progress, today's answer rate."""
        return feed.picture(deps.clock.now(), masked=not session.sees_numbers)

    @router.get("/alarms", summary="告警 Alarms")
    async def alarms(_session: Annotated[Session, Depends(guard.user)]) -> list[AlarmLive]:
        """Those that are raised now, the oldest first; a longest wait as long as it is now."""
        return feed.board.alarms(deps.clock.now())

    @router.websocket("/events")
    async def events(
        socket: WebSocket,
        after: Annotated[int | None, Query(ge=0, le=_LAST_SEQ)] = None,
        board: bool = False,
        wall: bool = False,
    ) -> None:
        if wall:
            await walls.serve(socket)
            return
        session = await guard.find(socket)
        if session is None or not await guard.reads(socket, prolong=True):
            await socket.close(POLICY)
            return
        try:
            reader = feed.open(masked=not session.sees_numbers, agent=session.agent)
        except Problem:
            await socket.close(COME_AGAIN)
            return
        pump = _Pump(socket, deps, guard, feed=feed, reader=reader, with_board=board)
        try:
            await serve(socket, pump.send(after))
        finally:
            feed.close(reader)

    return router


class _Pump:
    """Sends one reader what it asked for."""

    def __init__(
        self,
        socket: WebSocket,
        deps: ConsoleDeps,
        guard: Guard,
        *,
        feed: Feed,
        reader: Reader,
        with_board: bool,
    ) -> None:
        self._socket = socket
        self._deps = deps
        self._guard = guard
        self._feed = feed
        self._reader = reader
        self._with_board = with_board
        self._sent_seq = 0
        self._board_of = (-1, -1)

    async def send(self, after: int | None) -> None:
        """Missed events first, then what comes, until the reader goes or is too slow."""
        if after is not None:
            await self._resume(after)
        loop = asyncio.get_running_loop()
        next_ping = loop.time() + self._deps.settings.ping_s
        next_board = 0.0
        while True:
            for seq, text in self._reader.take():
                if seq > self._sent_seq:
                    await self._socket.send_text(text)
                    self._sent_seq = seq
            if self._reader.lost:
                await self._socket.close(COME_AGAIN, "too slow: connect again with ?after= the last seq")
                return
            if self._with_board and loop.time() >= next_board:
                next_board = loop.time() + _BOARD_EVERY_S
                await self._send_board()
            if loop.time() >= next_ping:
                next_ping = loop.time() + self._deps.settings.ping_s
                if await self._guard.find(self._socket, prolong=False) is None:
                    await self._socket.close(ENDED, "the session has ended")
                    return
                await self._socket.send_text(json.dumps({"kind": "ping", "at": self._deps.clock.now()}))
            try:
                async with asyncio.timeout(_BOARD_EVERY_S if self._with_board else self._deps.settings.ping_s):
                    await self._reader.ready.wait()
            except TimeoutError:
                continue

    async def _send_board(self) -> None:
        if self._feed.version != self._board_of:
            self._board_of = self._feed.version
            text = self._feed.board_text(self._deps.clock.now(), masked=self._reader.masked)
            await self._socket.send_text(text)

    async def _resume(self, after: int) -> None:
        sent = 0
        known = not after or await self._deps.events.events_after(after - 1, limit=1)
        if not known:  # the log was begun anew since
            await self._socket.send_text(json.dumps({"kind": "gap", "after": 0}))
            return
        self._sent_seq = after
        while sent < RESUME_MOST:
            missed = await self._deps.events.events_after(self._sent_seq, limit=_RESUME_PAGE)
            for view in missed:
                if is_told(view, masked=self._reader.masked, agent=self._reader.agent):
                    await self._socket.send_text(event_text(view, masked=self._reader.masked))
                self._sent_seq = view.seq
            sent += len(missed)
            if len(missed) < _RESUME_PAGE:
                return
        await self._socket.send_text(json.dumps({"kind": "gap", "after": self._sent_seq}))
        self._sent_seq = 0
