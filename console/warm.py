"""First requests, asked by ourselves before anyone calls: libraries load and look up much at the first use of a route,
up to 40 ms at once, and that is longer than the event loop may stand still while calls are up.
"""

import re
from collections.abc import MutableMapping
from typing import Any, Final

import anyio
import anyio.lowlevel
from fastapi import FastAPI
from starlette.types import Message, Scope

_PARAMETER: Final = re.compile(r"\{[^}]*\}")


async def warm(app: FastAPI) -> int:
    """Ask each route that reads, once and without a session; how many were asked. Nothing is changed by it:
    what needs a session is refused before the route's own work, so what the parameters name is never looked up.
    """
    await anyio.lowlevel.checkpoint()  # loads what it needs for this kind of event loop
    paths: list[str] = app.state.reads
    for path in paths:
        await app(_scope(app, _PARAMETER.sub("0", path)), _nothing, _nowhere)
    return len(paths)


def _scope(app: FastAPI, path: str) -> Scope:
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": None,
        "server": None,
        "app": app,
    }
    return scope


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _nowhere(message: Message) -> None:
    del message
