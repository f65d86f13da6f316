"""The demonstration's view of the service: its HTTP API and event stream, as any other program would use them."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from http.client import HTTPException
from typing import cast

from websockets.asyncio.client import connect

from core.errors import Unavailable


class Api:
    """Signed in as ``name``; every call runs in a thread, so it never holds up a voice."""

    def __init__(self, host: str, port: int) -> None:
        self._base = f"{host}:{port}/api/v1"
        self._token = ""

    async def sign_in(self, name: str, password: str) -> None:
        """Get a bearer token."""
        session = await self.send("POST", "/session", {"name": name, "password": password, "bearer": True})
        self._token = str(cast("dict[str, object]", session)["token"])

    async def get(self, path: str) -> object:
        """The JSON answer to GET."""
        return await self.send("GET", path)

    async def send(self, method: str, path: str, body: dict[str, object] | None = None) -> object:
        """The JSON answer to any request; ``Unavailable`` with the service's own words where it refuses."""
        text = await asyncio.to_thread(self._send, method, path, body)
        return json.loads(text) if text else None

    async def download(self, path: str) -> bytes:
        """The answer to GET as it is: a table, a recording."""
        return await asyncio.to_thread(self._send, "GET", path, None)

    async def events(self) -> AsyncIterator[dict[str, object]]:
        """Every event from now on, as the console's WebSocket tells it."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with connect(f"ws://{self._base}/events", additional_headers=headers) as socket:
            async for text in socket:
                message = json.loads(text)
                if message.get("kind") == "event":
                    yield message

    def _send(self, method: str, path: str, body: dict[str, object] | None) -> bytes:
        request = urllib.request.Request(
            f"http://{self._base}{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"}
            | ({"Authorization": f"Bearer {self._token}"} if self._token else {}),
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return cast("bytes", answer.read())
        except urllib.error.HTTPError as error:
            raise Unavailable(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from None
        except (OSError, HTTPException) as error:  # the service died, perhaps in the middle of its answer
            raise Unavailable(f"{method} {path}: {error}") from None
