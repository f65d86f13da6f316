"""What SRTP costs: ``python -m bench.srtp [--json] [--calls 20] [--seconds 8]``.

First the arithmetic alone: µs of one core to protect and to unprotect a packet of G.711 (20 ms), for each suite. Then
real calls: one media worker relays ``calls`` bridged calls, once with plain legs, once with SRTP on both legs, from far
ends in a process of their own; CPU is that of the worker (user and system, all threads) in percent of one core, divided
by the calls.
"""

import argparse
import asyncio
import json
import os
import platform
import select
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from bench.processes import cpu_seconds
from telephony.media.client import MediaClient
from telephony.media.port import Address, SrtpKeys, Stream
from telephony.media.srtp import KEY_OCTETS, SrtpContext
from telephony.rtp.packet import RtpPacket

PACKETS: Final = 20000
PACKETS_PER_CALL_S: Final = 100
"""Each direction of a bridged call is 50 packets a second."""
_FIRST_PORT: Final = 18000
_SLOTS: Final = 20


@dataclass(frozen=True, slots=True)
class Suite:
    """The arithmetic of one suite; ``core_pct_per_call``: a bridged call whose legs both have it."""

    suite: str
    protect_us: float
    unprotect_us: float
    core_pct_per_call: float


@dataclass(frozen=True, slots=True)
class Calls:
    """A worker with real calls."""

    legs: str
    calls: int
    media_core_pct_per_call: float
    received: int
    lost: int


def keys_of(suite: str, seed: int) -> SrtpKeys:
    """Keys for a leg, as the worker has them."""
    ours, theirs = (bytes((seed * 7 + add + index) & 0xFF for index in range(KEY_OCTETS[suite])) for add in (0, 128))
    return SrtpKeys(suite, ours, theirs)


def reversed_keys(keys: SrtpKeys) -> SrtpKeys:
    """The same for the far end."""
    return SrtpKeys(keys.suite, keys.receive_key, keys.send_key)


def measure(suite: str, packets: int = PACKETS) -> Suite:
    """The best of three runs: the machine may be busy."""
    plain = [RtpPacket(8, index & 0xFFFF, index * 160, 7, os.urandom(160)).to_bytes() for index in range(packets)]
    best = [1e9, 1e9]
    for _ in range(3):
        keys = keys_of(suite, 1)
        ours, theirs = SrtpContext(keys), SrtpContext(reversed_keys(keys))
        start = time.process_time()
        protected = [ours.protect(packet) for packet in plain]
        middle = time.process_time()
        back = [theirs.unprotect_any(packet) for packet in protected if packet is not None]
        best = [min(best[0], middle - start), min(best[1], time.process_time() - middle)]
        if back != plain:
            raise SystemExit(f"{suite}: what came back is not what was sent")
    protect_us, unprotect_us = (seconds / packets * 1e6 for seconds in best)
    per_call = PACKETS_PER_CALL_S * (protect_us + unprotect_us) / 1e4
    return Suite(suite, round(protect_us, 2), round(unprotect_us, 2), round(per_call, 4))


async def carry(suite: str, calls: int, seconds: float) -> Calls:
    """Relay ``calls`` calls ("" for plain legs) and measure the worker."""
    media = MediaClient(workers=1, port_range=(20000, 29999))
    await media.start()
    far_ends: list[tuple[int, int]] = []
    try:
        for call in range(calls):
            for side in "ab":
                leg, own = f"{call}{side}", _FIRST_PORT + len(far_ends)
                where = await media.open(leg, near=f"{call}a")
                stream = Stream(Address("127.0.0.1", own), "PCMA", 8, 101)
                keys = keys_of(suite, len(far_ends)) if suite else None
                await media.update(leg, replace(stream, crypto=keys))
                far_ends.append((own, where.port))
            await media.bridge(f"{call}a", f"{call}b")
        load = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.srtp", "--load", json.dumps([suite, seconds, far_ends]), stdout=subprocess.PIPE
        )
        assert load.stdout is not None
        await load.stdout.readline()  # it has settled
        begun, before = time.monotonic(), cpu_seconds(media.pids)
        heard = json.loads(await load.stdout.readline())
        wall, used = time.monotonic() - begun, cpu_seconds(media.pids) - before
        await load.wait()
    finally:
        await media.shut_down()
    return Calls(suite or "plain", calls, round(100 * used / wall / calls, 4), heard["received"], heard["lost"])


def be_the_load(suite: str, seconds: float, ports: Sequence[tuple[int, int]]) -> None:
    """The far ends: one packet every 20 ms from each, spread over the time; says what came back."""
    socks, contexts = [], []
    for index, (own, to) in enumerate(ports):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", own))
        sock.connect(("127.0.0.1", to))
        sock.setblocking(False)
        socks.append(sock)
        contexts.append(SrtpContext(reversed_keys(keys_of(suite, index))) if suite else None)
    epoll = select.epoll()
    by_descriptor = {sock.fileno(): index for index, sock in enumerate(socks)}
    for number in by_descriptor:
        epoll.register(number, select.EPOLLIN)
    payload = bytes(range(160))
    received, first, last = [0] * len(socks), [-1] * len(socks), [0] * len(socks)
    begin, slot, settled = time.monotonic(), 0, False
    while (now := time.monotonic()) < begin + 1.0 + seconds:
        if not settled and now > begin + 1.0:
            settled = True
            print("settled", flush=True)
        while begin + slot * 0.02 / _SLOTS <= now:
            sequence = slot // _SLOTS
            for index in range(slot % _SLOTS, len(socks), _SLOTS):
                packet = RtpPacket(8, sequence & 0xFFFF, sequence * 160, index + 1, payload).to_bytes()
                context = contexts[index]
                socks[index].send(packet if context is None else context.protect(packet) or b"")
            slot += 1
        for descriptor, _ in epoll.poll(0.001, 1024):
            index = by_descriptor[descriptor]
            data = socks[index].recv(2048)
            context = contexts[index]
            plain = data if context is None else context.unprotect(data)
            if plain is not None and settled:
                sequence = int.from_bytes(plain[2:4])
                received[index] += 1
                first[index] = sequence if first[index] < 0 else first[index]
                last[index] = sequence
    lost = sum(((end - start) & 0xFFFF) + 1 - count for start, end, count in zip(first, last, received, strict=True))
    print(json.dumps({"received": sum(received), "lost": lost}), flush=True)


def table(suites: list[Suite], calls: list[Calls]) -> str:
    """For people."""
    lines = [f"{'suite':<26}{'protect µs':>12}{'unprotect µs':>14}{'core %/call, both legs':>24}"]
    lines += [f"{s.suite:<26}{s.protect_us:>12.2f}{s.unprotect_us:>14.2f}{s.core_pct_per_call:>24.3f}" for s in suites]
    if calls:
        lines += ["", f"{'bridged calls, legs':<26}{'calls':>12}{'worker %/call':>14}{'received':>12}{'lost':>8}"]
        lines += [
            f"{c.legs:<26}{c.calls:>12}{c.media_core_pct_per_call:>14.3f}{c.received:>12}{c.lost:>8}" for c in calls
        ]
    return "\n".join(lines)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.srtp", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--calls", type=int, default=20, help="0: the arithmetic alone")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--load", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.load:
        be_the_load(*json.loads(arguments.load))
        return
    suites = [measure(suite) for suite in KEY_OCTETS]
    carried = [
        asyncio.run(carry(suite, arguments.calls, arguments.seconds))
        for suite in (["", "AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"] if arguments.calls else [])
    ]
    if arguments.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
        cases = {"suites": [asdict(suite) for suite in suites], "calls": [asdict(calls) for calls in carried]}
        print(json.dumps(cases | {"machine": machine}))
    else:
        print(table(suites, carried))


if __name__ == "__main__":
    main()
