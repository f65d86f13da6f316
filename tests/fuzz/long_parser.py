"""Millions of damaged messages through the parser: ``python -m tests.fuzz.long_parser --messages 10000000``.

Nothing but ``ParseError`` may come out; whatever is accepted has its views read, one in sixteen is written and read
again and has its SDP answered, one in sixteen goes through the framing of streams. The same seed damages in the same
way. Prints a JSON line after each million; ends with 1 and the message in hexadecimal at the first fault.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from core.errors import LocalProtocolError, ParseError
from telephony.media.port import Address
from telephony.sdp.negotiate import NegotiationError, answer_offer
from telephony.sdp.session import parse_sdp
from telephony.sip.framing import StreamParser
from telephony.sip.message import Message, Request
from telephony.sip.methods import KNOWN_METHODS
from telephony.sip.parser import BrokenRequest, parse_message
from telephony.sip.screen import screen, sdp_of
from tests.fuzz.mutation import mutated, resident_kib, seeds

PART = 1_000_000
DEEP = 16
"""One in so many is looked at in every way."""
LOCAL = Address("192.0.2.1", 4000)


@dataclass
class Tally:
    """What became of the messages, and the slowest of them."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0
    slowest: bytes = b""


def look(message: Message) -> None:
    """Read what transactions, dialogs and the screen read; views that are lazy may refuse with ``ParseError``."""
    _ = (message.top_via.branch, message.from_.tag, message.to.tag, message.call_id, message.cseq, message.contacts)
    _ = (message.max_forwards, message.expires, message.content_type)
    for view in ("routes", "record_routes"):
        try:
            getattr(message, view)
        except ParseError:
            continue
    if isinstance(message, Request):
        screen(message, methods=KNOWN_METHODS)


def look_deeper(message: Message, tally: Tally) -> None:
    """Write it and read it again, which must give the same; answer its offer."""
    try:
        data = message.to_bytes()
    except LocalProtocolError:
        tally.counts["unsendable"] += 1
    else:
        again = parse_message(data)
        if again.start_line() != message.start_line() or again.body != message.body:
            raise AssertionError("what was written reads differently")
        fields = [one for one in message.headers.fields() if one.key != "content-length"]
        if [one for one in again.headers.fields() if one.key != "content-length"] != fields:
            raise AssertionError("headers that were written read differently")
    sdp = sdp_of(message)
    if sdp:
        tally.counts["sdp"] += 1
        try:
            answer_offer(parse_sdp(sdp), LOCAL, session_id=1)
        except (NegotiationError, ParseError):
            tally.counts["sdp_refused"] += 1


def once(data: bytes, deep: bool, tally: Tally) -> None:
    """One message."""
    try:
        message = parse_message(data)
        tally.counts["accepted"] += 1
        look(message)
        if deep:
            look_deeper(message, tally)
    except BrokenRequest as broken:
        tally.counts["refused_with_an_answer"] += 1
        if deep:
            try:
                broken.answer("t").to_bytes()
            except LocalProtocolError:
                tally.counts["unsendable"] += 1
    except ParseError:
        tally.counts["refused"] += 1
    if deep:
        stream = StreamParser()
        cut = len(data) // 2
        for piece in (data[:cut], data[cut:], data):
            tally.counts["frames"] += len(stream.feed(piece))


def run(messages: int, seed: int, first: int) -> int:
    """Damage and parse; 0 when nothing went wrong."""
    sources = seeds()
    tally = Tally()
    begin, begin_cpu, begin_kib = time.time(), time.process_time(), 0
    done = 0
    for part in range(first, first + -(-messages // PART)):
        chance = random.Random(seed * 1_000_000 + part)
        for number in range(min(PART, messages - done)):
            data = mutated(sources[int(chance.random() * len(sources))], chance, sources)
            before = time.perf_counter()
            cpu = time.thread_time() if number % DEEP == 0 else 0.0
            try:
                once(data, number % DEEP == 0, tally)
            except Exception:
                traceback.print_exc()
                print(json.dumps({"fault": data.hex(), "part": part, "number": number}), flush=True)
                return 1
            if cpu == 0.0 and time.perf_counter() - before > 0.02:
                cpu = time.thread_time()  # was it the message, or another process? parse it again, by CPU
                once(data, False, Tally())
            if cpu:
                took_ms = (time.thread_time() - cpu) * 1000
                if took_ms > tally.slowest_ms:
                    tally.slowest_ms, tally.slowest = took_ms, data
            done += 1
        begin_kib = begin_kib or resident_kib()
        report(done, seed, tally, time.time() - begin, time.process_time() - begin_cpu, begin_kib)
    print(json.dumps({"slowest": tally.slowest.hex()}), flush=True)
    return 0


def report(done: int, seed: int, tally: Tally, wall_s: float, cpu_s: float, begin_kib: int) -> None:
    """One JSON line."""
    line = {
        "messages": done, "seed": seed, **tally.counts, "slowest_ms": round(tally.slowest_ms, 2),
        "wall_s": round(wall_s), "cpu_s": round(cpu_s), "rss_kib": resident_kib(), "rss_kib_after_first": begin_kib,
    }  # fmt: skip
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=PART)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0, help="the part to begin with")
    chosen = options.parse_args()
    sys.exit(run(chosen.messages, chosen.seed, chosen.first))
