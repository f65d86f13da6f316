"""No request body is larger than the console's few fields need: refused by its declared length, before it is read.
Only a list that is handed over may be large; it is read by who may hand it over, and never held in memory.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns.rows import MAX_BYTES
from console.problems import Problem, problem_response

MAX_BODY: Final = 64 * 1024
LISTS: Final = frozenset({"/api/v1/lists", "/api/v1/record-lists", "/api/v1/consent-lists"})


class BodyLimit:
    """ASGI middleware: 413 for a body of more than ``MAX_BODY`` bytes (a list: ``MAX_BYTES``), 411 where it does
    not say how long it is.

    The server holds a peer to the length that it declared.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            length = headers.get("content-length", "0")
            most = MAX_BYTES if scope["method"] == "POST" and scope["path"] in LISTS else MAX_BODY
            problem = None
            if "transfer-encoding" in headers:
                problem = Problem(411, "the body does not say how long it is", mend="Send Content-Length.")
            elif not length.isdecimal() or int(length) > most:
                problem = Problem(413, f"more than {most} bytes", where="body", mend="Send less at once.")
            if problem is not None:
                await problem_response(problem, scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)
