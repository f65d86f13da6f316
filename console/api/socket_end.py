"""The end of a WebSocket that only listens."""

import asyncio

from fastapi import WebSocket, WebSocketDisconnect


async def until_gone(socket: WebSocket, sending: asyncio.Task[None]) -> None:
    """Read and drop what the reader says, until it goes; then the sending ends too."""
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):  # gone; or closed by us; or it spoke binary
        sending.cancel()
