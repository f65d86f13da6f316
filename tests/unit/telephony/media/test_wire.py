import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LocalProtocolError, ParseError, Unavailable
from core.tap_target import TapTarget
from telephony.media import commands as c
from telephony.media.port import (
    Address,
    DigitPressed,
    Gap,
    LegQuality,
    LegStats,
    PlayEnded,
    QualityReported,
    RecordingClosed,
    RecordingFaulty,
    RtpSilent,
    SrtpKeys,
    Stream,
    StreamQuality,
    Tone,
    ToneHeard,
)
from telephony.media.wire import MAX_FRAME, Answered, Asked, Deframer, Happened, Hello, Message, pack, unpack

STREAM = Stream(Address("192.0.2.1", 4000), "PCMU", 0, None, send=False)
SECURE = Stream(
    Address("2001:db8::1", 4000),
    "opus",
    96,
    97,
    ptime_ms=60,
    event_clock_hz=48000,
    comfort_type=13,
    rtcp=Address("2001:db8::2", 4009),
    rtcp_mux=True,
    crypto=SrtpKeys("AES_CM_128_HMAC_SHA1_80", bytes(range(30)), bytes(range(225, 255))),
)
QUALITY = LegQuality(StreamQuality(500, 5, 0.01, 2.5, 4.1), StreamQuality(490, 0, 0.0, 1.0, 4.4), 31.5)
MESSAGES: list[Message] = [
    Hello(2),
    Asked(20, c.Update("l-1", SECURE)),
    Asked(21, c.Play("l-1", "p-2", ("/a.wav", c.named_sound(Tone("beep"))), over=True)),
    Asked(22, c.Hear("l-1", {"l-2": 0.0, "l-3": -6.5})),
    Asked(23, c.Hear("l-1", {})),
    Asked(24, c.Level("l-1", -96.0, automatic=True)),
    Asked(25, c.Listen("l-1", ("busy", "dtmf"))),
    Asked(26, c.PauseRecord("r-1")),
    Asked(27, c.ResumeRecord("r-1")),
    Asked(28, c.Tap("l-1", TapTarget("::1", 5000, 7, rate_hz=16000))),
    Answered(29, LegStats(1, 2, 3, 4, 5, QUALITY)),
    Happened(ToneHeard("l-1", "cng", 2.25)),
    Happened(DigitPressed("l-1", "#", 60, inband=True)),
    Happened(QualityReported("l-1", LegQuality(QUALITY.received))),
    Happened(RecordingFaulty("r-1", "disk full")),
    Happened(RecordingClosed("r-1", 9.5, "", (Gap(1.0, 2.5, "paused"), Gap(4.0, 4.4, "disk")))),
    Asked(1, c.Open("l-1", "l-0")),
    Asked(2, c.Update("l-1", STREAM)),
    Asked(3, c.Play("l-1", "p-1", ("/音乐/一.wav", "b.wav"), loop=True)),
    Asked(4, c.Stop("l-1")),
    Asked(5, c.Bridge("l-1", "l-2")),
    Asked(6, c.Unbridge("l-1")),
    Asked(7, c.Record("r-1", "/r.wav", "l-1", "")),
    Asked(8, c.StopRecord("r-1")),
    Asked(9, c.Tap("l-1", TapTarget("127.0.0.1", 5000, 7))),
    Asked(10, c.Untap("l-1")),
    Asked(11, c.SendDigits("l-1", "12#")),
    Asked(12, c.Close("l-1")),
    Asked(13, c.Ping()),
    Answered(1, Address("127.0.0.1", 20000)),
    Answered(2),
    Answered(12, LegStats(1, 2, 3, 4)),
    Happened(DigitPressed("l-1", "5", 100)),
    Happened(PlayEnded("l-1", "p-1", finished=True)),
    Happened(RtpSilent("l-1", 10.0)),
    Happened(RecordingClosed("r-1", 1.5, "disk full")),
]


@pytest.mark.parametrize("message", MESSAGES, ids=repr)
def test_every_message_comes_back_as_it_went(message: Message) -> None:
    assert [unpack(body) for body in Deframer().feed(pack(message))] == [message]


@pytest.mark.parametrize("error", [Unavailable("all ports are taken"), LocalProtocolError("no leg")])
def test_errors_come_back_as_what_they_were(error: Unavailable | LocalProtocolError) -> None:
    [body] = Deframer().feed(pack(Answered(3, error=error)))
    answer = unpack(body)
    assert isinstance(answer, Answered)
    assert type(answer.error) is type(error)
    assert str(answer.error) == str(error)


@settings(max_examples=50)
@given(st.lists(st.integers(1, 60), max_size=100))
def test_frames_are_found_however_the_stream_is_cut(cuts: list[int]) -> None:
    stream = b"".join(pack(message) for message in MESSAGES)
    deframer, bodies, start = Deframer(), [], 0
    for size in cuts:
        bodies += deframer.feed(stream[start : start + size])
        start += size
    bodies += deframer.feed(stream[start:])
    assert [unpack(body) for body in bodies] == MESSAGES


def test_a_frame_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(ParseError):
        Deframer().feed((MAX_FRAME + 1).to_bytes(4))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 200_000,
        b'{"id":1,"do":"Explode","with":{}}',
        b'{"id":1,"do":"Open","with":{}}',
        b'{"id":1,"do":"Open","with":{"leg":"a","colour":"red"}}',
        b'{"id":1,"do":"Update","with":{"leg":"a","stream":{}}}',
        b'{"id":"x","do":"Stop","with":{"leg":"a"}}',
        b'{"event":"Nothing","with":{}}',
        b'{"id":1,"do":"Play","with":{"leg":"a","play":"p","sounds":"x"}}',
        b'{"id":1,"do":"Play","with":{"leg":"a","play":"p","clips":["x"]}}',
        b'{"id":1,"do":"Play","with":{"leg":"a","play":"p","sounds":[],"loop":1}}',
        b'{"id":1,"do":"Hear","with":{"leg":"a","sources":{"b":"loud"}}}',
        b'{"id":1,"do":"Hear","with":{"leg":"a","sources":["b"]}}',
        b'{"id":1,"do":"Tap","with":{"leg":"a","target":{"host":"h","port":true,"stream":1}}}',
        b'{"event":"RecordingClosed","with":{"recording":"r","duration_s":1,"gaps":[[0,1,"disk"]]}}',
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        unpack(body)


def test_numbers_arrive_as_the_types_say() -> None:
    event = unpack(b'{"event":"RtpSilent","with":{"leg":"a","silent_s":10}}')
    assert isinstance(event, Happened)
    assert isinstance(event.event, RtpSilent)
    assert isinstance(event.event.silent_s, float)


def test_keys_do_not_show_in_what_is_printed() -> None:
    assert "send_key" not in repr(SECURE)


def test_a_sound_of_a_command_is_a_path_or_a_tone() -> None:
    assert [c.tone_named(sound) for sound in ("/tone:x.wav", c.named_sound(Tone("busy")))] == ["", "busy"]
    assert c.Play("l", "p", ("/a.wav", "tone:busy")).clips == ("/a.wav",)
