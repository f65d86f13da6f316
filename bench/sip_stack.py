"""Cost of a call and of a registration in the SIP stack alone: microseconds of CPU, in one process and without sockets.

``.venv/bin/python -m bench.sip_stack [--json]``. A call is INVITE, 100, 200, ACK, BYE, 200; a registration REGISTER,
401, REGISTER, 200. Time is virtual, ``RATE`` of them a second, so that transactions and their timers come and go as on
a busy line; what the caller costs is not counted. ``us`` is the median of many short rounds, ``best_us`` the shortest:
other work on the machine only adds.
"""

import argparse
import json
import os
import platform
import secrets
import statistics
import time
from collections.abc import Callable
from typing import Final

from bench.sip_line import SDP, as_served
from telephony.registrar import Registrar
from telephony.sip.digest import MD5, authorize, parse_challenge
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Invited, Requested
from telephony.sip.hop import UDP, Hop
from telephony.sip.settings import SipSettings

RATE: Final = 200
WARM_S: Final = 35
"""The timers of the first ones have come due by then."""
ROUND: Final = 100
ROUNDS: Final = 60
HERE: Final = Hop(UDP, "192.0.2.10", 5060)
PEER: Final = Hop(UDP, "192.0.2.20", 5060)
PHONES: Final = 1000
PASSWORD: Final = "secret-of-the-bench"
_OFFER: Final = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 101\r\n"
    b"a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)


class Bench:
    """An endpoint that answers all calls and registers all phones, the clock that it lives by, and who calls it.

    ``used_s`` is the CPU that the endpoint has used.
    """

    def __init__(self) -> None:
        # room for all transactions of 32 s
        settings = SipSettings(max_transactions=100_000, max_sessions=10_000, max_sessions_per_host=10_000)
        self._endpoint = Endpoint([HERE], entropy=secrets.token_bytes, settings=settings)
        digest = DigestServer("line400", secrets.token_bytes(16), algorithms=(MD5,))
        self._registrar = Registrar(digest, {str(phone): PASSWORD for phone in range(PHONES)})
        self._now = 1_000_000.0
        self._number = 0
        self.used_s = 0.0

    def call(self) -> None:
        """One call from its beginning to its end."""
        number = self._next()
        uri = "sip:4001234567@192.0.2.10:5060"
        common = (
            f"From: <sip:1390{number:07d}@192.0.2.20>;tag={number:08x}\r\n"
            f"Call-ID: {number:016x}@192.0.2.20\r\nMax-Forwards: 70\r\n"
        )
        via = f"Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK{number:08x}"
        answer = self._feed(
            f"INVITE {uri} SIP/2.0\r\n{via}1\r\n{common}To: <{uri}>\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:1390{number:07d}@192.0.2.20:5060;transport=udp>\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(_OFFER)}\r\n\r\n",
            _OFFER,
        )
        to = _line(answer, "To")
        for branch, cseq in ((2, "1 ACK"), (3, "2 BYE")):
            answer = self._feed(
                f"{cseq[2:]} {uri} SIP/2.0\r\n{via}{branch}\r\n{common}{to}\r\nCSeq: {cseq}\r\n"
                "Content-Length: 0\r\n\r\n"
            )
        if not answer.startswith("SIP/2.0 200 OK\r\n"):
            raise RuntimeError(f"the call was not ended but answered: {answer[:40]}")

    def register(self) -> None:
        """One phone registers with digest."""
        number = self._next()
        user = str(number % PHONES)
        uri = "sip:192.0.2.10:5060"
        proof = ""
        for cseq in (1, 2):
            answer = self._feed(
                f"REGISTER {uri} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK{number:08x}{cseq}\r\n"
                f"From: <sip:{user}@line400>;tag={number:08x}\r\nTo: <sip:{user}@line400>\r\n"
                f"Call-ID: {number:016x}@192.0.2.20\r\nCSeq: {cseq} REGISTER\r\n"
                f"Contact: <sip:{user}@192.0.2.20:5060;transport=udp>\r\nMax-Forwards: 70\r\nExpires: 3600\r\n"
                f"{proof}Content-Length: 0\r\n\r\n"
            )
            if cseq == 1:
                challenge = parse_challenge(_line(answer, "WWW-Authenticate").partition(": ")[2])
                claim = authorize(challenge, "REGISTER", uri, user, PASSWORD, cnonce=f"{number:08x}")
                proof = f"Authorization: {claim}\r\n"
        if not answer.startswith("SIP/2.0 200 OK\r\n"):
            raise RuntimeError(f"the phone was not registered but answered: {answer[:40]}")

    def _next(self) -> int:
        self._number += 1
        self._now += 1 / RATE
        begin = time.process_time()
        self._endpoint.on_deadline(self._now)
        self.used_s += time.process_time() - begin
        return self._number

    def _feed(self, text: str, body: bytes = b"") -> str:
        """The peer sends this; the last of our answers to it."""
        data = text.encode() + body
        begin = time.process_time()
        sent = self._serve(data)
        self.used_s += time.process_time() - begin
        return sent.decode()

    def _serve(self, data: bytes) -> bytes:
        """What the driver does for a datagram (``telephony.sip.stack``)."""
        endpoint, now, sent = self._endpoint, self._now, b""
        endpoint.receive(data, PEER, now)
        while True:
            for packet in endpoint.outgoing():
                sent = packet.data
            endpoint.next_deadline()
            event = endpoint.next_event()
            if event is None:
                return sent
            if isinstance(event, Invited):
                endpoint.accept(event.session, now, SDP)
            elif isinstance(event, Requested):
                reply = self._registrar.handle(event.request, event.source, now)
                endpoint.answer_request(event.key, now, reply.status, reply.headers)


def _line(answer: str, name: str) -> str:
    return next(line for line in answer.split("\r\n") if line.startswith(f"{name}: "))


def measure(case: str, bench: Bench, work: Callable[[], None]) -> dict[str, str | float]:
    """Microseconds of CPU for each."""
    for _ in range(RATE * WARM_S):
        work()
    rounds = []
    for _ in range(ROUNDS):
        before = bench.used_s
        for _ in range(ROUND):
            work()
        rounds.append((bench.used_s - before) / ROUND * 1e6)
    return {"case": case, "us": round(statistics.median(rounds), 1), "best_us": round(min(rounds), 1)}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    as_served()
    results = []
    for case in ("call", "register"):
        bench = Bench()
        results.append(measure(case, bench, getattr(bench, case)))
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "load_1m": round(os.getloadavg()[0], 2)}
    if chosen.json:
        print(json.dumps({"bench": "sip_stack", "machine": machine, "cases": results}))
        return
    for result in results:
        print(f"{result['case']:<18}{result['us']:>8} µs   best {result['best_us']} µs")


if __name__ == "__main__":
    main()
