"""Messages are counted by method and response code, each way; so are repeats, time-outs and what is dropped."""

from telephony.sip.address import NameAddress
from telephony.sip.counters import OTHER, Counted, Mishap, SipCounters
from telephony.sip.endpoint import Endpoint
from telephony.sip.guard import OpenDoor
from telephony.sip.hop import Hop
from telephony.sip.trace import Tracer
from telephony.sip.uri import SipUri

US, PEER = Hop("UDP", "192.0.2.1", 5060), Hop("UDP", "192.0.2.9", 5060)


def _message(first: str, cseq: str = "") -> bytes:
    line = f"CSeq: {cseq}\r\n" if cseq else ""
    return f"{first}\r\nCall-ID: a\r\n{line}Content-Length: 0\r\n\r\n".encode()


def test_requests_and_responses_are_told_apart_by_method_and_code() -> None:
    counters = SipCounters()
    for _ in range(2):
        counters.note(_message("INVITE sip:1@a SIP/2.0", "1 INVITE"), received=True)
    counters.note(_message("SIP/2.0 180 Ringing", "1 INVITE"), received=False)
    counters.note(_message("SIP/2.0 200 OK", "1 INVITE").replace(b"CSeq: ", b"cseq :\t"), received=False)
    counters.note(_message("SIP/2.0 200 OK", "2 BYE"), received=False)
    assert counters.messages() == [
        Counted(True, "INVITE", None, 2),
        Counted(False, "BYE", 200, 1),
        Counted(False, "INVITE", 180, 1),
        Counted(False, "INVITE", 200, 1),
    ]


def test_whatever_peers_invent_takes_no_room() -> None:
    counters = SipCounters()
    for number in range(300):
        counters.note(_message(f"M{number} sip:1@a SIP/2.0"), received=True)
        counters.note(_message(f"SIP/2.0 {700 + number} x", f"1 X{number}"), received=True)
        counters.note(b"\x00\xff" + bytes([number % 256]) + b"x" * number, received=True)
    for keep_alive in (b"\r\n\r\n", b"\r\n", b"\0", b""):
        counters.note(keep_alive, received=True)
    assert counters.messages() == [Counted(True, OTHER, None, 600), Counted(True, OTHER, 0, 300)]


def test_the_endpoint_counts_repeats_time_outs_and_what_it_drops() -> None:
    tracer = Tracer()
    endpoint = Endpoint([US], entropy=bytes, tracer=tracer)
    who = NameAddress(SipUri("192.0.2.9"))
    endpoint.request(0.0, PEER, "OPTIONS", SipUri("192.0.2.9"), who, who)
    while (at := endpoint.next_deadline()) is not None and at < 60:
        endpoint.on_deadline(at)
    endpoint.receive(b"SIP/2.0 nonsense\r\n\r\n", PEER, 60.0)

    class Closed(OpenDoor):
        def lets_in(self, source: Hop, now: float) -> bool:
            return False

    endpoint.set_guard(Closed())
    stranger = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nFrom: <sip:b@c>;tag=1\r\n"
    stranger += "To: <sip:a>\r\nCall-ID: y\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 9\r\nContent-Length: 0\r\n\r\n"
    endpoint.receive(stranger.encode(), PEER, 61.0)
    sent = {item.method: item.count for item in tracer.counters.messages() if not item.received}
    repeats = sent["OPTIONS"] - 1
    assert repeats == 10, "timer E: 0.5, 1, 2, then every 4 seconds up to 32"
    assert tracer.counters.mishaps() == {
        Mishap.REPEATED: repeats,
        Mishap.TIMED_OUT: 1,
        Mishap.MALFORMED: 1,
        Mishap.UNWANTED: 1,
    }
