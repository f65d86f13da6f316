"""The line under test of ``bench.sip``, in its own process: answers every call at once, and reports what it used.

Prints its port; then, for each line on stdin, prints one JSON object with CPU seconds and event counts so far.
"""

import asyncio
import json
import resource
import secrets
import sys
import time
from collections import Counter

import uvloop

from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Invited, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.settings import SipSettings
from telephony.sip.stack import SipStack

LOOPBACK = "127.0.0.1"
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class _WallClock:
    def now(self) -> float:
        return time.time()


async def _serve() -> None:
    counts: Counter[str] = Counter()
    listen = [Hop("UDP", LOOPBACK, 0), Hop("TCP", LOOPBACK, 0)]
    settings = SipSettings(max_transactions=200_000, max_sessions=20_000, max_sessions_per_host=20_000)
    stack = SipStack(Endpoint(listen, entropy=secrets.token_bytes, settings=settings), _WallClock(), listen)

    def on_event(event: SipEvent) -> None:
        counts[type(event).__name__] += 1
        if isinstance(event, Invited):
            stack.accept(event.session, SDP)

    stack.subscribe(on_event)
    await stack.start()
    print(stack.address("UDP").port, flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        used = resource.getrusage(resource.RUSAGE_SELF)
        report = {"cpu_s": used.ru_utime + used.ru_stime, "rss_kib": used.ru_maxrss, **counts}
        print(json.dumps(report), flush=True)
    await stack.close()


if __name__ == "__main__":
    uvloop.run(_serve())
