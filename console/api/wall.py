"""Wall screens: keys that open the board where nobody signs in, and the WebSocket that feeds it.

A screen opens ``#/wall?key=…``; the page hands the key in once and gets a cookie that is good for the board alone. The
board is sent as it changes (``console.api.pushing``).
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response, WebSocket
from pydantic import BaseModel, Field, TypeAdapter

from console.api import API
from console.api.pushing import Readers
from console.deps import ConsoleDeps
from console.feed import Feed
from console.guard import Guard, same_origin
from console.limits import FailureLimit
from console.problems import Problem, not_found
from console.sessions import Session
from console.wall import wall_board
from console.wall_views import NewWallKey, WallBoard, WallKeyView

COOKIE: Final = "line400_wall"
MOST_SCREENS: Final = 100
_SHARED_S: Final = 0.2
_KEPT_S: Final = 400 * 86_400
"""As long as browsers keep a cookie at most; each opening of the page renews it."""
_LONGEST_KEY: Final = 100
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
        self._screens = Readers(MOST_SCREENS, self._may)
        self._made: tuple[float, tuple[int, int], str] = (0.0, (-1, -1), "")

    async def serve(self, socket: WebSocket) -> None:
        """Send the board for as long as the screen listens and its key holds."""
        await self._screens.serve(socket, lambda: self._feed.version, self._text)

    async def _may(self, socket: WebSocket) -> bool:
        """By the cookie of a screen, or as somebody who is signed in."""
        key = socket.cookies.get(COOKIE, "")
        if key and len(key) <= _LONGEST_KEY and same_origin(socket) and await self._deps.wall_keys.holds(key):
            return True
        return await self._guard.reads(socket)

    def _text(self, version: tuple[int, int]) -> str:
        """The message that tells the board, made once for all screens that ask at about the same time."""
        now = self._deps.clock.now()
        made_at, made_of, text = self._made
        if made_of != version or not 0 <= now - made_at < _SHARED_S:
            board = self._feed.board.snapshot(now, self._feed.today.current)
            body = _BOARD.dump_json(wall_board(board, self._deps.settings)).decode()
            text = f'{{"kind":"wall",{body[1:]}'
            self._made = (now, version, text)
        return text


def wall_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/wall``."""
    router = APIRouter(prefix=API, tags=["live"])
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
