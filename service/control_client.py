"""How commands speak with the running service: by the socket in its data folder (``service.control``)."""

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from core.errors import Unavailable
from service.control_socket import SOCKET, short_path

Json: TypeAlias = dict[str, object]


def ask(data_folder: Path, what: str, **more: object) -> Iterator[Json]:
    """The answers of the service that runs on ``data_folder``. ``Unavailable`` where none does or it refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            with short_path(data_folder) as path:
                connection.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            raise Unavailable(
                f"no service runs on {data_folder}; start it with `line400 serve`, or name its configuration with -c"
            ) from None
        except PermissionError:
            raise Unavailable(
                f"{data_folder / SOCKET} belongs to another user; run this as the service's user"
            ) from None
        for line in _said(connection, json.dumps({"do": what, **more}).encode() + b"\n"):
            answer = json.loads(line)
            if "error" in answer:
                raise Unavailable("\n".join(str(problem) for problem in answer["error"]))
            yield answer


def _said(connection: socket.socket, request: bytes) -> Iterator[bytes]:
    """The lines of the answer; none more where the door is shut in the middle."""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError), connection.makefile("rb") as lines:
        connection.sendall(request)
        yield from lines


def ask_once(data_folder: Path, what: str, **more: object) -> Json:
    """Its one answer."""
    for answer in ask(data_folder, what, **more):
        return answer
    raise Unavailable("the service closed the door; it runs as another user, or is just being stopped")
