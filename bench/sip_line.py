"""The line under test of ``bench.sip``, in its own process: answers every call at once, registers phones, and reports.

Its arguments are how many phones there are (0, 1, 2, …), and the password of all. Prints its port; then, for each line
on stdin, prints one JSON object: CPU seconds so far, memory, calls that are up and phones that are registered now.
"""

import asyncio
import gc
import json
import resource
import secrets
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import uvloop

from service.tidying import COLLECTOR, tidy
from telephony.registrar import Registrar
from telephony.sip.digest import MD5
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Invited, Requested, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.settings import SipSettings
from telephony.sip.stack import SipStack

LOOPBACK = "127.0.0.1"
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


def as_served() -> None:
    """Set the collector of cyclic garbage as ``line400 serve`` does."""
    gc.collect()
    gc.set_threshold(*COLLECTOR)
    gc.freeze()


class _WallClock:
    def now(self) -> float:
        return time.time()


def _resident_kib() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


async def _serve(phones: int, password: str) -> None:
    counts: Counter[str] = Counter()
    listen = [Hop("UDP", LOOPBACK, 0), Hop("TCP", LOOPBACK, 0)]
    settings = SipSettings(max_transactions=200_000, max_sessions=20_000, max_sessions_per_host=20_000)
    stack = SipStack(Endpoint(listen, entropy=secrets.token_bytes, settings=settings), _WallClock(), listen)

    digest = DigestServer("line400", secrets.token_bytes(16), algorithms=(MD5,))
    registrar = Registrar(digest, {str(phone): password for phone in range(phones)})
    registered: set[str] = set()
    registrar.on_change = registered.add

    def on_event(event: SipEvent) -> None:
        counts[type(event).__name__] += 1
        if isinstance(event, Requested) and event.request.method == "REGISTER":
            reply = registrar.handle(event.request, event.source, time.time())
            stack.answer_request(event.key, reply.status, reply.headers)
        if isinstance(event, Invited):
            stack.accept(event.session, SDP)

    stack.subscribe(on_event)
    await stack.start()
    as_served()
    tidying = asyncio.create_task(tidy(lambda: False))
    print(stack.address("UDP").port, flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        report = {
            "cpu_s": used.ru_utime + used.ru_stime,
            "rss_kib": _resident_kib(),
            "in_use_kib": tracemalloc.get_traced_memory()[0] // 1024,
            "up": counts["Confirmed"] - counts["HungUp"],
            "registered": len(registered),
        }
        print(json.dumps(report), flush=True)
    tidying.cancel()
    await stack.close()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), sys.argv[2]))
