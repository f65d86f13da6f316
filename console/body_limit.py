"""No request body is larger than the console's few fields need: refused by its declared length, before it is read.
Only a list that is handed over may be large; it is read by who may hand it over, and never held in memory. Rows that a
program sends are up to a thousand at once, a recording may last a minute.
"""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from campaigns.rows import MAX_BYTES
from console.problems import Problem, problem_response

MAX_BODY: Final = 64 * 1024
MAX_SOUND: Final = 12_000_000
"""A minute of 48 kHz, 16-bit, stereo."""
_LONG_SOUND: Final = (
    f"录音文件超过 {MAX_SOUND // 1_000_000} MB，请剪短到一分钟以内，或存成单声道 / "
    f"the recording has more than {MAX_SOUND // 1_000_000} MB; cut it to a minute, or make it mono"
)
SOUNDS: Final = "/api/v1/survey-prompts"
LISTS: Final = frozenset(f"/api/v1/{name}" for name in ("lists", "record-lists", "consent-lists", "bar-lists"))
MAX_ROWS_BODY: Final = 4 * 1024 * 1024
_ROWS: Final = re.compile(r"/api/v1/(?:records/[^/]+|campaigns/[^/]+/contacts|calling/(?:consents|bars)/import)")
"""Where rows are sent to: ``console.api.sent``, and rows of who is not called."""


class BodyLimit:
    """ASGI middleware: 413 for a body of more than ``MAX_BODY`` bytes (a list: ``MAX_BYTES``, rows:
    ``MAX_ROWS_BODY``, a recording: ``MAX_SOUND``), 411 where it does not say how long it is.

    The server holds a peer to the length that it declared.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            length = headers.get("content-length", "0")
            most = _most(scope["path"]) if scope["method"] == "POST" else MAX_BODY
            problem = None
            if "transfer-encoding" in headers:
                problem = Problem(411, "the body does not say how long it is", mend="Send Content-Length.")
            elif not length.isdecimal() or int(length) > most:
                said = _LONG_SOUND if most == MAX_SOUND else f"more than {most} bytes"
                problem = Problem(413, said, where="body", mend="Send less at once.")
            if problem is not None:
                await problem_response(problem, scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _most(path: str) -> int:
    """Bytes that may be sent to ``path``."""
    if path in LISTS:
        return MAX_BYTES
    if path == SOUNDS:
        return MAX_SOUND
    return MAX_ROWS_BODY if _ROWS.fullmatch(path) else MAX_BODY
