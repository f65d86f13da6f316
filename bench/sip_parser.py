"""Cost of the SIP parser: microseconds of CPU per message, over messages that all differ, as on a live line.

``.venv/bin/python -m bench.sip_parser [--json]``. ``us`` is the median of many short rounds,
``best_us`` the shortest: other work on the machine only adds.
"""

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final

from telephony.media.port import Address
from telephony.sdp.negotiate import answer_offer
from telephony.sdp.session import parse_sdp
from telephony.sip.message import Message
from telephony.sip.parser import parse_message

MESSAGES: Final = 100
ROUNDS: Final = 200
LOCAL: Final = Address("192.0.2.10", 30000)


def invite(number: int) -> bytes:
    """An INVITE as carriers send it, unlike every other in branch, tags, caller and Call-ID."""
    sdp = (
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 0 101\r\n"
    )
    sdp += b"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    caller = f"139{number:08d}"
    return (
        "INVITE sip:4001234567@192.0.2.10:5060 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK{number:08x};rport\r\n"
        "Max-Forwards: 70\r\n"
        f'From: "{caller}" <sip:{caller}@192.0.2.20>;tag={number:08x}\r\n'
        "To: <sip:4001234567@192.0.2.10>\r\n"
        f"Call-ID: {number:016x}@192.0.2.20\r\n"
        "CSeq: 1 INVITE\r\n"
        f"Contact: <sip:{caller}@192.0.2.20:5060;transport=udp>\r\n"
        "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n"
        "Supported: timer, replaces\r\n"
        "User-Agent: Carrier/1.0\r\n"
        "Content-Type: application/sdp\r\n"
        f"Content-Length: {len(sdp)}\r\n\r\n"
    ).encode() + sdp


def read(data: bytes) -> Message:
    """Parse, and look at what a transaction and a dialog look at."""
    message = parse_message(data)
    _ = (message.top_via.branch, message.from_.tag, message.to.tag, message.call_id, message.cseq, message.contacts)
    return message


def negotiate(data: bytes) -> bytes:
    """Parse the offer in the body and answer it."""
    offer = parse_sdp(data.partition(b"\r\n\r\n")[2])
    return answer_offer(offer, LOCAL, session_id=1)[0]


def measure(case: str, work: Callable[[bytes], object], messages: Sequence[bytes]) -> dict[str, str | float]:
    """Microseconds of CPU per message; no message comes twice."""
    rounds = []
    for first in range(0, len(messages), MESSAGES):
        begin = time.process_time()
        for data in messages[first : first + MESSAGES]:
            work(data)
        rounds.append((time.process_time() - begin) / MESSAGES * 1e6)
    return {"case": case, "us": round(statistics.median(rounds), 1), "best_us": round(min(rounds), 1)}


def main() -> None:
    """Measure and print."""
    cases = {
        "parse": parse_message,
        "parse_and_views": read,
        "parse_and_write": lambda data: parse_message(data).to_bytes(),
        "sdp_answer": negotiate,
    }
    results = []
    for place, (case, work) in enumerate(cases.items()):
        first = place * MESSAGES * ROUNDS
        messages = [invite(number) for number in range(first, first + MESSAGES * ROUNDS)]
        results.append(measure(case, work, messages))
    if "--json" in sys.argv:
        machine = f"{platform.machine()}, Python {platform.python_version()}"
        print(json.dumps({"bench": "sip_parser", "machine": machine, "messages": MESSAGES * ROUNDS, "cases": results}))
        return
    for result in results:
        print(f"{result['case']:<18}{result['us']:>8} µs   best {result['best_us']} µs")


if __name__ == "__main__":
    main()
