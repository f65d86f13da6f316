"""The SIP trace: who is followed, what is kept and for how long, the ladder, and the capture file."""

import struct

from telephony.sip.hop import TCP, UDP, Hop
from telephony.sip.ladder import US, ladder
from telephony.sip.pcap import pcap
from telephony.sip.trace import MOST_MESSAGES, Tracer

PEER = Hop(UDP, "203.0.113.5", 5060)
HERE = {UDP: Hop(UDP, "192.0.2.1", 5060)}


def message(
    start: str = "INVITE sip:4001@192.0.2.1 SIP/2.0", call_id: str = "c1", number: str = "13800138000"
) -> bytes:
    return (
        f"{start}\r\nVia: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1\r\nFrom: <sip:{number}@b>;tag=1\r\n"
        f"To: <sip:4001@a>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContact: <sip:{number}@203.0.113.5>\r\n"
        "Max-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: 3\r\n\r\nv=0"
    ).encode()


def tracer() -> Tracer:
    times = iter(range(1000, 10**9))
    return Tracer(lambda: float(next(times)))


def test_nothing_is_kept_until_it_is_switched_on() -> None:
    own = tracer()
    own.note(message(), PEER, received=True)
    assert own.messages() == []
    own.start()
    own.note(message(), PEER, received=True)
    own.stop()
    own.note(message(call_id="c2"), PEER, received=True)
    assert [one.call_id for one in own.messages()] == ["c1"]
    own.start()
    assert own.messages() == []


def test_a_number_is_followed_through_all_legs_of_its_call() -> None:
    own = tracer()
    own.start(["13800138000"])
    own.note(message(call_id="other", number="13900139000"), PEER, received=True)
    own.note(message(call_id="in"), PEER, received=True)
    own.tie("call-1", "in")
    own.tie("call-2", "other")
    own.tie("call-1", "out")
    own.note(message("INVITE sip:101@192.0.2.9 SIP/2.0", "out", "anonymous"), PEER, received=False)
    own.note(message("SIP/2.0 180 Ringing", "out", "anonymous"), PEER, received=True)
    own.note(message("SIP/2.0 180 Ringing", "other", "anonymous"), PEER, received=True)
    assert [one.call_id for one in own.messages()] == ["in", "out", "out"]
    assert [one.serial for one in own.messages("call-1", after=1)] == [2, 3]
    assert own.messages("call-2") == own.messages("call-3") == []


def test_part_of_a_number_is_another_number() -> None:
    own = tracer()
    own.start(["38001"])
    own.note(message(), PEER, received=True)
    assert own.messages() == []
    own.start(["138000"])  # its end will do: carriers write prefixes as they like
    own.note(message(), PEER, received=True)
    assert len(own.messages()) == 1


def test_what_is_kept_is_bounded() -> None:
    own = tracer()
    own.start()
    for count in range(MOST_MESSAGES + 10):
        own.note(b"x", PEER, received=True)
        if count % 3 == 0:
            own.tie(f"call-{count}", f"c{count}")
    assert len(own.messages()) == MOST_MESSAGES
    assert own.messages()[0].serial == 11
    for _ in range(40):
        own.note(bytes(1 << 20), PEER, received=True)
    assert sum(len(one.data) for one in own.messages()) <= 32 << 20


def test_a_ladder() -> None:
    own = tracer()
    own.start()
    own.note(message(), PEER, received=True)
    own.note(message("SIP/2.0 200 OK").replace(b"application/sdp", b"text/plain"), PEER, received=False)
    own.note(b"no SIP at all\r\n", PEER, received=True)
    rungs = ladder(own.messages())
    assert [(rung.source, rung.target, rung.text, rung.sdp) for rung in rungs] == [
        ("203.0.113.5:5060", US, "INVITE", True),
        (US, "203.0.113.5:5060", "200 OK (INVITE)", False),
        ("203.0.113.5:5060", US, "no SIP at all", False),
    ]
    assert rungs[0].message.encode() == message()
    assert [rung.at for rung in rungs] == [1000.0, 1001.0, 1002.0]


def test_a_capture_file_holds_every_message_between_the_right_addresses() -> None:
    own = tracer()
    own.start()
    own.note(message(), PEER, received=True)
    own.note(b"over TCP", Hop(TCP, "carrier.example", 5061), received=False)
    own.note(b"six", Hop(UDP, "2001:db8::5", 5062), received=False)
    file = pcap(own.messages(), HERE)
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", file)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 101)
    packets, at = [], 24
    while at < len(file):
        seconds, _, length, whole = struct.unpack_from("<IIII", file, at)
        assert length == whole
        packets.append((seconds, file[at + 16 : at + 16 + length]))
        at += 16 + length
    (at_s, first), (_, second), (_, third) = packets
    assert at_s == 1000 and first[0] == 0x45 and first[9] == 17
    assert struct.unpack("!H", first[2:4])[0] == len(first)
    words = struct.unpack("!10H", first[:20])
    total = sum(words)
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF  # RFC 1071: with its checksum a header adds up to this
    assert first[12:16] == bytes([203, 0, 113, 5]) and first[16:20] == bytes([192, 0, 2, 1])
    assert struct.unpack("!HH", first[20:24]) == (5060, 5060) and first[28:] == message()
    assert second[16:20] == bytes(4) and second[28:] == b"over TCP"
    assert third[0] >> 4 == 6 and third[6] == 17 and third[48:] == b"six"
