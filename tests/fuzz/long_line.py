"""Damaged datagrams to a real ``line400 serve``: ``python -m tests.fuzz.long_line --datagrams 200000``.

Most come from the carrier's own address and into calls that are up, so that they get past the door; the others from a
stranger. After every 5,000 a right call must be answered and end well, and the memory of the service is read. It ends
with 1 where a call fails, a traceback stands in the service's output, or memory grew beyond the bound. One JSON line
each time, and one at the end.
"""

import argparse
import asyncio
import json
import random
import re
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from telephony.sip.hop import Hop
from tests.fuzz.live_calls import NUMBER, RawCarrier
from tests.fuzz.mutation import mutated, resident_kib, seeds
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, Line, basic, serving
from tests.ports import free_port

CHECK_EVERY = 5000
STRANGER = "127.0.0.9"
SOUND = "127.0.0.3"
"""The carrier whose calls must be served whatever the other one sends (which may take all channels of its own)."""
MOST_GROWTH_KIB = 200_000
_NAMES = re.compile(rb"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|edu|gov|invalid|example)\b", re.IGNORECASE)
_ADDRESSES = re.compile(rb"\b192\.0\.2\.\d+\b")


@dataclass(frozen=True)
class Memory:
    """Of the control process, and its child processes together, in KiB."""

    control: int
    others: int


def memory(pid: int) -> Memory:
    """What the service takes now."""

    others = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return Memory(resident_kib(pid), sum(resident_kib(one) for one in others))


def local_seeds() -> list[bytes]:
    """The seeds with every host on this machine: no name is to be looked up, nothing is to leave."""
    carrier = CARRIER.encode()
    return [_ADDRESSES.sub(carrier, _NAMES.sub(carrier, seed)) for seed in seeds()]


async def attack(line: Line, carrier_port: int, datagrams: int, rate: int, seed: int) -> int:
    """Send them; 0 when the line is as well as before."""
    assert line.process is not None
    chance = random.Random(seed)
    raw = RawCarrier(CARRIER, 0, (HOST, line.sip), seed)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind((STRANGER, 0))
    stranger.setblocking(False)
    carrier = Handset(Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", SOUND, carrier_port))
    await carrier.start()
    sources = local_seeds()
    begin, first, worst_s, fault = time.monotonic(), memory(line.process.pid), 0.0, ""
    settled = first
    for count in range(1, datagrams + 1):
        kind = chance.random()
        if count % 40 == 0:
            raw.begin()
        if kind < 0.55:
            raw.send(mutated(raw.right(), chance, sources))
        elif kind < 0.9:
            raw.send(mutated(sources[int(chance.random() * len(sources))], chance, sources))
        else:
            stranger.sendto(mutated(chance.choice(sources), chance, sources), (HOST, line.sip))
        if count % 10 == 0:
            raw.listen()
            await asyncio.sleep(10 / rate)
        if count % CHECK_EVERY == 0 or count == datagrams:
            try:
                worst_s = max(worst_s, await right_call(carrier))
            except Exception as error:
                fault = f"a right call failed: {error!r}"
            now = memory(line.process.pid)
            settled = now if count == CHECK_EVERY else settled
            report(count, raw.answered, begin, now, worst_s)
            fault = fault or trouble(line) or grown(settled, now)
            if fault:
                break
    raw.close()
    stranger.close()
    await carrier.close()
    waiting = await left(line)
    report(count, raw.answered, begin, memory(line.process.pid), worst_s, fault=fault or "none", left=waiting)
    return 1 if fault else 0


async def right_call(carrier: Handset) -> float:
    """A caller is answered, hears for half a second, and hangs up; seconds until he was answered."""
    begin = time.monotonic()
    async with asyncio.timeout(30):
        call = await carrier.call(NUMBER, "13900139000")
    answered = time.monotonic() - begin
    await asyncio.sleep(0.5)
    if not call.voice.heard:
        raise AssertionError("nothing is heard")
    call.hang_up()
    return answered


async def left(line: Line, timeout_s: int = 60) -> int:
    """Calls that are still up a while later: of those whose caller forgot them, session timers find the end."""
    for _ in range(timeout_s):
        if not any(call["ended_at"] is None for call in await line.calls()):
            return 0
        await asyncio.sleep(1)
    return sum(call["ended_at"] is None for call in await line.calls())


def trouble(line: Line) -> str:
    """The first traceback in what the service wrote."""
    for place, text in enumerate(line.output):
        if "Traceback" in text:
            return "\n".join(line.output[max(0, place - 3) : place + 40])
    return ""


def grown(settled: Memory, now: Memory) -> str:
    """Whether memory has grown beyond the bound since all was warm."""
    growth = now.control - settled.control
    return f"the control process grew by {growth} KiB" if growth > MOST_GROWTH_KIB else ""


def report(
    count: int, answered: int, begin: float, now: Memory, worst_s: float, fault: str = "", left: int = 0
) -> None:
    """One JSON line."""
    line = {
        "datagrams": count, "calls_answered": answered, "wall_s": round(time.monotonic() - begin),
        "rss_kib": now.control, "rss_kib_workers": now.others, "slowest_answer_s": round(worst_s, 2),
    }  # fmt: skip
    print(json.dumps({**line, "fault": fault, "calls_left": left} if fault else line), flush=True)


async def run(datagrams: int, rate: int, seed: int) -> int:
    """Serve and attack."""
    port = free_port(SOUND)
    many = basic(carrier_port=free_port(CARRIER)).replace("[[number]]", "max_calls = 500\n[[number]]", 1)
    sound = f'[[trunk]]\nname = "sound"\nhost = "{SOUND}"\nport = {port}\n'
    with tempfile.TemporaryDirectory(prefix="line400-fuzz-") as folder:
        async with serving(Path(folder), many + sound) as line:
            try:
                return await attack(line, port, datagrams, rate, seed)
            finally:
                kept = Path(tempfile.gettempdir()) / "line400-fuzz-output.log"
                kept.write_text("\n".join(line.output))
                line.output.clear()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--datagrams", type=int, default=20_000)
    options.add_argument("--rate", type=int, default=150, help="datagrams per second at most")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    sys.exit(asyncio.run(run(chosen.datagrams, chosen.rate, chosen.seed)))
