"""The service's own door on this machine: a socket in the data folder, for ``line400 reload``, ``trace``, ``lockouts``.

Whoever may write to the data folder may come in, nobody else (checked by the peer's user id); no password. One JSON
object per line: a request, then answers until either side closes. An answer with ``error`` says why not.
"""

import asyncio
import base64
import json
import logging
import os
import pwd
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Final, TypeAlias

from core.errors import ConfigError
from service.build import Built
from service.control_socket import SOCKET, short_path
from service.foundation import Foundation
from service.lockouts import ConsoleLockouts
from service.wire_trace import ConsoleTrace
from telephony.sip.trace import TRACE, Traced, Tracer

_log = logging.getLogger("line400.service")
LONGEST: Final = 1 << 16
"""Of a request, bytes."""
LOOK_EVERY_S: Final = 0.2
_PEER: Final = struct.Struct("3i")
_LONGEST_NAME: Final = 64
_NOTHING: Final = (
    "没有保留通话 {call} 的 SIP：没有这一路通话，或者当时没有开跟踪 / no SIP is kept of a call {call}: there is no "
    "such call, or the trace was off while it went on (line400 trace --status)"
)
Json: TypeAlias = dict[str, object]


async def open_control(built: Built, exits: AsyncExitStack) -> None:
    """Listen until ``exits`` closes. The caller holds the lock of the data folder, so an old socket is nobody's."""
    place = built.base.config.data_folder / SOCKET
    place.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with short_path(place.parent) as path:
        listening.bind(path)
    place.chmod(0o600)
    server = await asyncio.start_unix_server(Control(built).serve, sock=listening, limit=LONGEST)
    exits.callback(place.unlink, missing_ok=True)
    exits.callback(server.close)


def reload_in_background(base: Foundation, by: str) -> None:
    """Read the configuration again; what is wrong with it is told to the log."""

    async def reload() -> None:
        try:
            await base.reloader.reload(by, base.store.log)
        except ConfigError as error:
            for problem in error.problems:
                _log.error("configuration: nothing has changed: %s", problem)

    base.tasks.spawn("reload", reload())


class Control:
    """Serves one connection after the other."""

    def __init__(self, built: Built) -> None:
        self._base = built.base
        self._tracer: Tracer = built.exchange.tracer
        self._stack = built.exchange.stack
        self._locked = ConsoleLockouts(built.exchange.defence, built.base.clock)
        self._trace = ConsoleTrace(self._tracer, built.base.store.log, self._stack.addresses)
        self._doors: dict[str, Callable[[Json, str], AsyncIterator[Json]]] = {
            "reload": self._reload,
            "lockouts.list": self._lockouts,
            "lockouts.lift": self._lift,
            "trace.state": self._trace_state,
            "trace.on": self._trace_on,
            "trace.off": self._trace_off,
            "trace.follow": self._trace_follow,
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answers."""
        try:
            who = _peer(writer.get_extra_info("socket"))
            if who is None:
                return
            gone = asyncio.ensure_future(self._answer(await reader.readline(), who, writer))
            watch = asyncio.ensure_future(reader.read(1))  # ends when the peer goes
            try:
                await asyncio.wait({gone, watch}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (gone, watch):
                    task.cancel()
                await asyncio.gather(gone, watch, return_exceptions=True)
        except (OSError, ValueError):  # the peer has gone, or its line is too long
            return
        finally:
            writer.close()

    async def _answer(self, line: bytes, who: str, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(line)
            door = self._doors[asked["do"]]
        except (ValueError, KeyError, TypeError, RecursionError):
            answers = _refusal(["this version of the service does not know the request"])
        else:
            answers = door(asked, who)
        async for answer in answers:
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()

    async def _reload(self, asked: Json, who: str) -> AsyncIterator[Json]:
        try:
            yield asdict(await self._base.reloader.reload(who, self._base.store.log))
        except ConfigError as error:
            yield {"error": error.problems}

    async def _lockouts(self, asked: Json, who: str) -> AsyncIterator[Json]:
        yield {"lockouts": [asdict(one) for one in self._locked.lockouts()]}

    async def _lift(self, asked: Json, who: str) -> AsyncIterator[Json]:
        source = str(asked.get("source", ""))
        lifted = self._locked.lift(source, who)
        yield {"lifted": lifted} if lifted else {"error": [f"{source} is not locked out"]}

    async def _trace_state(self, asked: Json, who: str) -> AsyncIterator[Json]:
        yield self._state()

    def _state(self) -> Json:
        """What is kept, and whether messages go to the log besides (``serve --sip-trace``)."""
        return asdict(self._trace.state()) | {"logged": TRACE.isEnabledFor(logging.DEBUG)}

    async def _trace_on(self, asked: Json, who: str) -> AsyncIterator[Json]:
        """Refused where it is on for others: their messages would be forgotten."""
        numbers = asked.get("numbers")
        wanted = tuple(str(number) for number in numbers) if isinstance(numbers, list) else ()
        if not self._tracer.on:
            self._trace.switch(on=True, numbers=wanted, by=who)
            yield {"began": True}
        elif self._tracer.numbers == wanted:
            yield {"began": False}
        else:
            yield {"error": [f"the trace is on already, for {', '.join(self._tracer.numbers) or 'everybody'}"]}

    async def _trace_off(self, asked: Json, who: str) -> AsyncIterator[Json]:
        if self._tracer.on:
            self._trace.switch(on=False, numbers=(), by=who)
        yield self._state()

    async def _trace_follow(self, asked: Json, who: str) -> AsyncIterator[Json]:
        """What is kept of ``call`` ("": of all, where ``kept`` or ``once``), then, unless ``once``, what comes."""
        call, once = str(asked.get("call", "")), bool(asked.get("once", False))
        if call and not self._tracer.messages(call):
            yield {"error": [_NOTHING.format(call=call[:_LONGEST_NAME])]}
            return
        yield {"local": [[hop.transport, hop.host, hop.port] for hop in self._stack.addresses]}
        after = 0 if once or call or asked.get("kept", False) else self._tracer.last
        while True:
            for one in self._tracer.messages(call, after):
                yield _packed(one)
                after = one.serial
            if once:
                return
            yield {"idle": True}  # so that whoever listens for a limited time can end
            await asyncio.sleep(LOOK_EVERY_S)


async def _refusal(problems: list[str]) -> AsyncIterator[Json]:
    yield {"error": problems}


def _packed(one: Traced) -> Json:
    return {
        "serial": one.serial,
        "at": one.at,
        "received": one.received,
        "hop": [one.hop.transport, one.hop.host, one.hop.port],
        "call_id": one.call_id,
        "data": base64.b64encode(one.data).decode("ascii"),
    }


def _peer(connection: socket.socket) -> str | None:
    """Who is at the other end, for the log; None for one who may not come in."""
    _, user, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    if user not in (0, os.geteuid()):
        return None
    try:
        return f"{pwd.getpwuid(user).pw_name} (command line)"
    except KeyError:
        return f"user {user} (command line)"
