"""Wall screens: keys that open the board where nobody signs in, and the WebSocket that feeds it.

A screen opens ``#/wall?key=…``; the page hands the key in once and gets a cookie that is good for the board alone. The
board is sent when it changes, at most twice a second, and every ``BEAT_S`` even if nothing does, so that a screen knows
soon when the line is cut.
"""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter

from console.api.socket_end import until_gone
from console.deps import ConsoleDeps
from console.feed import Feed
from console.guard import Guard, same_origin, token_of
from console.limits import FailureLimit
from console.problems import Problem, not_found
from console.sessions import Session
from console.wall import wall_board
from console.wall_views import NewWallKey, WallBoard, WallKeyView
from core.errors import Unavailable

COOKIE: Final = "line400_wall"
BEAT_S: Final = 5.0
MOST_SCREENS: Final = 100
_EVERY_S: Final = 0.5
_SHARED_S: Final = 0.2
_KEPT_S: Final = 400 * 86_400
"""As long as browsers keep a cookie at most; each opening of the page renews it."""
_LONGEST_KEY: Final = 100
_POLICY: Final = 1008
_TOO_MANY: Final = 1013
_ENDED: Final = 4401
_BOARD: Final = TypeAdapter(WallBoard)


class WantedKey(BaseModel):
    """For which screen it is."""

    name: str = Field(min_length=1, max_length=60)


class ShownKey(BaseModel):
    """The key of a screen."""

    key: str = Field(min_length=1, max_length=_LONGEST_KEY)


class Walls:
    """Feeds the screens."""

    def __init__(self, deps: ConsoleDeps, guard: Guard, feed: Feed) -> None:
        self._deps = deps
        self._guard = guard
        self._feed = feed
        self._screens = 0
        self._made: tuple[float, tuple[int, int], str] = (0.0, (-1, -1), "")

    async def serve(self, socket: WebSocket) -> None:
        """Send the board for as long as the screen listens and its key holds."""
        if self._screens >= MOST_SCREENS:
            await socket.close(_TOO_MANY)
            return
        self._screens += 1
        try:
            await self._begin(socket)
        except* WebSocketDisconnect:
            pass
        except* Unavailable:  # the keys cannot be read now: come again
            await socket.close(_TOO_MANY)
        finally:
            self._screens -= 1

    async def _begin(self, socket: WebSocket) -> None:
        if not await self._may(socket):
            await socket.close(_POLICY)
            return
        await socket.accept()
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send(socket))
            group.create_task(until_gone(socket, sending))

    async def _send(self, socket: WebSocket) -> None:
        loop = asyncio.get_running_loop()
        beat_at, sent = 0.0, (-1, -1)
        while True:
            now = loop.time()
            if now >= beat_at and not await self._may(socket):
                await socket.close(_ENDED, "the key holds no longer")
                return
            if now >= beat_at or self._feed.version != sent:
                beat_at, sent = now + BEAT_S, self._feed.version
                await socket.send_text(self._text())
            await asyncio.sleep(_EVERY_S)

    async def _may(self, socket: WebSocket) -> bool:
        """By the cookie of a screen, or as somebody who is signed in."""
        key = socket.cookies.get(COOKIE, "")
        if key and len(key) <= _LONGEST_KEY and same_origin(socket) and await self._deps.wall_keys.holds(key):
            return True
        session, token = await self._guard.find(socket, prolong=False), token_of(socket)
        if session is None or token is None or session.must_change:
            return False
        return not token.cookie or same_origin(socket)

    def _text(self) -> str:
        """The message that tells the board, made once for all screens that ask at about the same time."""
        now, version = self._deps.clock.now(), self._feed.version
        made_at, made_of, text = self._made
        if made_of != version or not 0 <= now - made_at < _SHARED_S:
            board = self._feed.board.snapshot(now, self._feed.today.current)
            body = _BOARD.dump_json(wall_board(board, self._deps.settings)).decode()
            text = f'{{"kind":"wall",{body[1:]}'
            self._made = (now, version, text)
        return text


def wall_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/wall``."""
    router = APIRouter(tags=["live"])
    limit = FailureLimit(most=20, window_s=300.0)

    @router.get("/wall/keys", summary="大屏密钥 Keys of wall screens")
    async def keys(_session: Annotated[Session, Depends(guard.trusted)]) -> list[WallKeyView]:
        """Those that hold, the oldest first. The keys themselves are not kept."""
        return list(await deps.wall_keys.keys())

    @router.post("/wall/keys", status_code=201, summary="新建大屏密钥 New key")
    async def make(wanted: WantedKey, session: Annotated[Session, Depends(guard.trusted)]) -> NewWallKey:
        """A key for one screen, told only in this answer: open ``/#/wall?key=KEY`` there. It shows the wall board and
        nothing else.
        """
        return await deps.wall_keys.make(wanted.name.strip() or "?", session.name)

    @router.delete("/wall/keys/{key_id}", status_code=204, summary="删除大屏密钥 Take a key back")
    async def remove(key_id: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """Screens that show the board by it go dark within seconds."""
        if not await deps.wall_keys.remove(key_id, session.name):
            raise not_found("wall key", key_id)

    @router.post("/wall/open", status_code=204, summary="打开大屏 Open the board by a key")
    async def open_board(shown: ShownKey, request: Request, response: Response) -> None:
        """Sets the cookie by which ``/events?wall=1`` is read. 401 for a key that does not hold."""
        address, now = request.client.host if request.client else "", deps.clock.now()
        wait_s = limit.wait_s(address, now)
        if wait_s > 0:
            raise Problem(
                429,
                "too many keys that do not hold",
                mend=f"Wait {int(wait_s) + 1} seconds and try again.",
                code="too_many_attempts",
                headers={"Retry-After": str(int(wait_s) + 1)},
            )
        if not same_origin(request) or not await deps.wall_keys.holds(shown.key):
            limit.failed(address, now)
            raise Problem(
                401, "the key does not hold", where="body.key", mend="Make one on the page System.", code="wall_key"
            )
        response.set_cookie(
            COOKIE,
            shown.key,
            max_age=_KEPT_S,
            httponly=True,
            samesite="strict",
            secure=deps.settings.secure_cookie,
            path="/api/v1/events",
        )

    return router
