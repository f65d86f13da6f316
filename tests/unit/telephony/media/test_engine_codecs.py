"""Legs of every codec and packet length in the engine: who hears what, by which numbers, and what recordings hold."""

import gc
import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio import Pcm
from core.errors import LocalProtocolError
from core.tap_target import TapTarget
from telephony.media import commands as c
from telephony.media.codecs import Encoder, audio_codec
from telephony.media.decoding import TrackDecoder
from telephony.media.leg import MediaLeg
from telephony.media.packing import Packing
from telephony.media.port import Address, DigitPressed, PlayEnded, RecordingClosed, Stream
from telephony.media.sender import LegSender
from telephony.rtp.dtmf import key_steps
from telephony.rtp.formats import FORMATS
from telephony.rtp.latch import Source
from telephony.rtp.packet import RtpPacket
from telephony.rtp.playout import Playout
from tests.interop.rtp_peer import loudest_hz, tone, write_clip
from tests.unit.telephony.media.engine_bench import Bench, FakePort, steps

LEFT_HZ, RIGHT_HZ = 500, 900


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.shut_down()


class Far:
    """A far end that speaks a tone in any codec and hears all that is sent to it."""

    def __init__(self, bench: Bench, name: str, codec: str, frequency_hz: float, *, ptime_ms: int = 20) -> None:
        bench.engine.do(c.Open(name))
        self.bench, self.name = bench, name
        self.port: FakePort = bench.ports.opened[-1]
        self.source: Source = ("192.0.2.1", 10000 + self.port.port)
        self.sequence, self.timestamp = 65530, 2**32 - 2000
        self.sound = tone(frequency_hz, 8.0)
        self.at = 0
        self.said: list[bytes] = []
        self.agree(codec, ptime_ms)

    def agree(self, codec: str, ptime_ms: int = 20, event_type: int | None = 101) -> None:
        self.form, self.ptime_ms = FORMATS[codec], ptime_ms
        self.encoder: Encoder = audio_codec(codec).encoder(ptime_ms)
        self.stream = Stream(
            Address(*self.source),
            codec,
            self.form.payload_type,
            event_type,
            ptime_ms,
            event_clock_hz=self.form.clock_hz,
        )
        self.bench.engine.do(c.Update(self.name, self.stream))

    def say(self) -> None:
        """Called every 20 ms: send the packets that are due."""
        size = 8 * self.ptime_ms
        while self.at + size <= self.due:
            payload = self.encoder.encode(self.sound[self.at : self.at + size])
            self.said.append(payload)
            self.send(self.form.payload_type, self.timestamp, payload)
            self.timestamp = (self.timestamp + self.form.ticks(self.ptime_ms)) & 0xFFFFFFFF
            self.at += size

    def send(self, payload_type: int, timestamp: int, payload: bytes) -> None:
        packet = RtpPacket(payload_type, self.sequence & 0xFFFF, timestamp, self.port.port, payload)
        self.sequence += 1
        self.port.arrive(packet.to_bytes(), self.source)

    due = 0

    @property
    def packets(self) -> list[RtpPacket]:
        return [packet for packet in self.port.packets if packet.payload_type == self.form.payload_type]

    def heard(self, since: int = 0) -> Pcm:
        """What came since the packet of that number."""
        decoder = audio_codec(self.form.name).decoder()
        sound = [decoder.decode(packet.payload) for packet in self.packets[since:]]
        assert decoder.bad == 0
        return np.concatenate(sound)


def pass_time(bench: Bench, frames: int, *speakers: Far) -> None:
    for _ in range(frames):
        bench.engine.clock.samples += 160
        for speaker in speakers:
            speaker.due += 160
            speaker.say()
        bench.engine.tick(1)


def purity_db(sound: Pcm, frequency_hz: float) -> float:
    phase = 2 * np.pi * frequency_hz * np.arange(len(sound)) / 8000
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    pure = basis @ np.linalg.lstsq(basis, sound.astype(float), rcond=None)[0]
    return float(10 * np.log10(np.var(pure) / np.var(sound - pure)))


def one_stream(far: Far) -> None:
    """Sequence numbers without a step and one source, whoever spoke."""
    packets = far.port.packets
    assert {step for step, _ in steps(packets)} == {1}
    assert len({packet.ssrc for packet in packets}) == 1


@pytest.mark.parametrize("codec", ["G722", "opus"])
@pytest.mark.parametrize("ptime_ms", [20, 40])
def test_two_legs_of_one_codec_are_relayed_untouched(bench: Bench, codec: str, ptime_ms: int) -> None:
    left, right = (
        Far(bench, "a", codec, LEFT_HZ, ptime_ms=ptime_ms),
        Far(bench, "b", codec, RIGHT_HZ, ptime_ms=ptime_ms),
    )
    bench.engine.do(c.Bridge("a", "b"))
    pass_time(bench, 50, left, right)
    assert [packet.payload for packet in right.packets] == left.said
    assert {ticks for _, ticks in steps(left.packets)} == {left.form.ticks(ptime_ms)}
    assert len(left.packets) == 1000 // ptime_ms


PAIRS = [("PCMA", "G722"), ("PCMA", "opus"), ("PCMU", "opus"), ("G722", "opus")]


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("ptime_ms", [20, 60])
def test_legs_of_different_codecs_hear_each_other(bench: Bench, one: str, other: str, ptime_ms: int) -> None:
    left, right = Far(bench, "a", one, LEFT_HZ), Far(bench, "b", other, RIGHT_HZ, ptime_ms=ptime_ms)
    bench.engine.do(c.Bridge("a", "b"))
    pass_time(bench, 90, left, right)
    for far, frequency_hz in ((left, RIGHT_HZ), (right, LEFT_HZ)):
        one_stream(far)
        assert {ticks for _, ticks in steps(far.packets)} == {far.form.ticks(far.ptime_ms)}
        assert [index for index, packet in enumerate(far.packets) if packet.marker] == [0]
        assert purity_db(far.heard()[4000:], frequency_hz) > 14
        assert len(far.heard()) >= 90 * 160 - 1440, "no more than 180 ms late"


@pytest.mark.parametrize(
    ("codec", "ptime_ms"), [("PCMA", 10), ("PCMU", 30), ("PCMA", 50), ("G722", 10), ("G722", 30), ("opus", 20),
                            ("opus", 60)],
)  # fmt: skip
def test_a_prompt_in_the_codec_and_packets_of_the_far_end(
    bench: Bench, tmp_path: Path, codec: str, ptime_ms: int
) -> None:
    far = Far(bench, "a", codec, LEFT_HZ, ptime_ms=ptime_ms)
    path = write_clip(tmp_path / "p.wav", tone(1200, 1.0))
    bench.engine.do(c.Play("a", "p", (str(path),)))
    bench.load()
    pass_time(bench, 52, far)
    assert bench.events == [PlayEnded("a", "p", finished=True)]
    one_stream(far)
    assert {ticks for _, ticks in steps(far.packets)} == {far.form.ticks(ptime_ms)}
    assert len(far.packets) == -(-1000 // ptime_ms), "the last one filled up"
    heard = far.heard()
    assert purity_db(heard[800:7900], 1200) > 14
    if codec == "opus":
        assert sum(len(packet.payload) for packet in far.packets) * 8 < 30000, "bits in this second"


def test_after_a_stall_the_timestamp_has_gone_on(bench: Bench, tmp_path: Path) -> None:
    far = Far(bench, "a", "opus", LEFT_HZ)
    path = write_clip(tmp_path / "p.wav", tone(1200, 1.0))
    bench.engine.do(c.Play("a", "p", (str(path),)))
    bench.load()
    pass_time(bench, 5)
    bench.pass_time(4, stalled=True)
    pass_time(bench, 5)
    assert [ticks // 960 for _, ticks in steps(far.packets)] == [1, 1, 1, 1, 4, 1, 1, 1, 1, 1]


def record(bench: Bench, path: Path, left: str, right: str) -> None:
    bench.engine.do(c.Record("r", str(path), left, right))


def recorded(bench: Bench, path: Path) -> tuple[Pcm, Pcm]:
    bench.engine.do(c.StopRecord("r"))
    for _ in range(200):
        bench.engine.tick(0)
        if any(isinstance(event, RecordingClosed) for event in bench.events):
            break
        bench.engine._readers.disk._thread.join(0.01)
        bench.engine.collect()
    with wave.open(str(path)) as sound:
        both = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)
    return both[:, 0].astype(np.int16), both[:, 1].astype(np.int16)


@pytest.mark.parametrize(("one", "other"), [("opus", "opus"), ("G722", "G722"), ("PCMA", "opus"), ("G722", "opus")])
def test_both_channels_of_a_recording_whatever_the_codecs(bench: Bench, tmp_path: Path, one: str, other: str) -> None:
    left, right = Far(bench, "a", one, LEFT_HZ), Far(bench, "b", other, RIGHT_HZ)
    bench.engine.do(c.Bridge("a", "b"))
    pass_time(bench, 10, left, right)
    record(bench, tmp_path / "r.wav", "a", "b")
    pass_time(bench, 100, left, right)
    channels = recorded(bench, tmp_path / "r.wav")
    for channel, frequency_hz in zip(channels, (LEFT_HZ, RIGHT_HZ), strict=True):
        assert len(channel) == 16000
        assert purity_db(channel[800:15000], frequency_hz) > 12


def test_what_an_opus_leg_hears_is_recorded_prompt_or_partner(bench: Bench, tmp_path: Path) -> None:
    left, right = Far(bench, "a", "opus", LEFT_HZ), Far(bench, "b", "opus", RIGHT_HZ)
    record(bench, tmp_path / "r.wav", "a", "")
    path = write_clip(tmp_path / "p.wav", tone(1200, 1.0))
    bench.engine.do(c.Play("a", "p", (str(path),)))
    bench.load()
    pass_time(bench, 52, left, right)
    bench.engine.do(c.Bridge("a", "b"))
    pass_time(bench, 60, left, right)
    own, heard = recorded(bench, tmp_path / "r.wav")
    assert purity_db(own[1600:16000], LEFT_HZ) > 14
    assert purity_db(heard[800:7800], 1200) > 14
    assert loudest_hz(heard[9600:17000]) == pytest.approx(RIGHT_HZ, abs=2)
    assert purity_db(heard[14400:17000], RIGHT_HZ) > 10, "Opus takes its time with a pure tone"
    assert left.packets[-1].payload == right.said[-1], "still relayed untouched"


def test_the_codec_changes_in_mid_call(bench: Bench, tmp_path: Path) -> None:
    left, right = Far(bench, "a", "PCMA", LEFT_HZ), Far(bench, "b", "PCMA", RIGHT_HZ)
    bench.engine.do(c.Bridge("a", "b"))
    record(bench, tmp_path / "r.wav", "a", "b")
    pass_time(bench, 50, left, right)
    left.agree("G722")
    pass_time(bench, 50, left, right)
    assert purity_db(left.heard()[2400:], RIGHT_HZ) > 20
    assert loudest_hz(right.heard(since=60)) == pytest.approx(LEFT_HZ, abs=5)
    right.agree("G722", 30)
    before = len(left.said)
    pass_time(bench, 50, left, right)
    assert right.packets[-1].payload == left.said[-1], "relayed again"
    assert len(left.said) > before
    one_stream(left)
    one_stream(right)
    for channel, frequency_hz in zip(recorded(bench, tmp_path / "r.wav"), (LEFT_HZ, RIGHT_HZ), strict=True):
        pieces = np.split(channel[:24000], 30)
        assert [round(loudest_hz(piece) / 100) * 100 for piece in pieces] == [frequency_hz] * 30


def test_the_length_of_packets_changes_in_mid_prompt(bench: Bench, tmp_path: Path) -> None:
    far = Far(bench, "a", "PCMA", LEFT_HZ)
    path = write_clip(tmp_path / "p.wav", tone(1200, 2.0))
    bench.engine.do(c.Play("a", "p", (str(path),)))
    bench.load()
    pass_time(bench, 20)
    far.agree("PCMA", 40)
    pass_time(bench, 20)
    far.agree("PCMA", 20)
    pass_time(bench, 20)
    assert [len(packet.payload) for packet in far.packets] == [160] * 20 + [320] * 10 + [160] * 20
    one_stream(far)
    assert purity_db(far.heard(), 1200) > 30


def test_keys_count_in_the_clock_of_opus(bench: Bench) -> None:
    far = Far(bench, "a", "opus", LEFT_HZ)
    for step in key_steps("7", 48000):
        if step.payload:
            far.send(101, 4800, step.payload)
    assert bench.events == [DigitPressed("a", "7", 100)]
    bench.engine.do(c.SendDigits("a", "5"))
    pass_time(bench, 10)
    keys = [packet for packet in far.port.packets if packet.payload_type == 101]
    assert [int.from_bytes(packet.payload[2:]) for packet in keys] == [960, 1920, 2880, 3840, 4800, 4800, 4800]


def test_relayed_keys_are_told_in_the_clock_of_the_hearer(bench: Bench) -> None:
    left, right = Far(bench, "a", "opus", LEFT_HZ), Far(bench, "b", "opus", RIGHT_HZ)
    bench.engine.do(c.Update("b", replace(right.stream, event_clock_hz=8000)))
    bench.engine.do(c.Bridge("a", "b"))
    pass_time(bench, 5, left, right)
    left.send(101, left.timestamp, next(iter(key_steps("7", 48000))).payload)
    (key,) = [packet for packet in right.port.packets if packet.payload_type == 101]
    assert int.from_bytes(key.payload[2:]) == 160


def test_keys_in_the_sound_where_an_opus_leg_knows_no_events(bench: Bench) -> None:
    far = Far(bench, "a", "opus", LEFT_HZ)
    far.agree("opus", event_type=None)
    bench.engine.do(c.SendDigits("a", "5"))
    pass_time(bench, 10)
    spectrum = np.abs(np.fft.rfft(far.heard()[100:800].astype(float) * np.hanning(700)))
    peaks = {round(float(np.argmax(spectrum * (abs(np.arange(351) * 8000 / 700 - near) < 60))) * 8000 / 700, -1)
             for near in (770, 1336)}  # fmt: skip
    assert peaks == {770, 1340}


def test_a_codec_that_is_none_is_refused(bench: Bench) -> None:
    far = Far(bench, "a", "PCMA", LEFT_HZ)
    with pytest.raises(LocalProtocolError):
        bench.engine.do(c.Update("a", replace(far.stream, codec="G729")))


def test_three_hear_each_other_in_three_codecs(bench: Bench) -> None:
    parties = [Far(bench, "a", "PCMA", 400), Far(bench, "b", "G722", 900), Far(bench, "d", "opus", 1500)]
    names = [party.name for party in parties]
    for name in names:
        bench.engine.do(c.Hear(name, {other: 0.0 for other in names if other != name}))
    pass_time(bench, 60, *parties)
    for party, others in zip(parties, ((900, 1500), (400, 1500), (400, 900)), strict=True):
        heard = party.heard()[3200:].astype(float)
        spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
        hz = np.arange(len(spectrum)) * 8000 / len(heard)
        loud = {near for near in (400, 900, 1500) if spectrum[abs(hz - near) < 30].max() > 0.1 * spectrum.max()}
        assert loud == set(others)


def test_nothing_of_an_ended_leg_is_left_where_no_collector_runs(bench: Bench, tmp_path: Path) -> None:
    gc.collect()
    gc.disable()
    try:
        left, right = Far(bench, "a", "opus", LEFT_HZ), Far(bench, "b", "G722", RIGHT_HZ)
        bench.engine.do(c.Bridge("a", "b"))
        record(bench, tmp_path / "r.wav", "a", "b")
        bench.engine.do(c.SendDigits("a", "5"))
        pass_time(bench, 20, left, right)
        recorded(bench, tmp_path / "r.wav")
        for far in (left, right):
            bench.engine.do(c.Close(far.name))
            far.port.leg = None  # as a socket lets go of it
        kinds = (MediaLeg, LegSender, TrackDecoder, Packing, Playout)
        assert [thing for thing in gc.get_objects() if isinstance(thing, kinds)] == []
    finally:
        gc.enable()


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["opus", "G722"]),
    st.lists(st.tuples(st.binary(max_size=300), st.integers(-3, 5), st.integers(-2000, 100_000)), max_size=30),
)
def test_no_payload_hurts_a_leg_of_a_wide_codec(codec: str, packets: list[tuple[bytes, int, int]]) -> None:
    bench = Bench()
    left, right = Far(bench, "a", codec, LEFT_HZ), Far(bench, "b", "PCMA", RIGHT_HZ)
    bench.engine.do(c.Bridge("a", "b"))
    bench.engine.do(c.Tap("a", TapTarget("127.0.0.1", 9, 1)))
    pass_time(bench, 5, left, right)
    for payload, sequence_step, timestamp_step in packets:
        left.sequence += sequence_step
        left.timestamp = (left.timestamp + timestamp_step) & 0xFFFFFFFF
        left.send(left.form.payload_type, left.timestamp, payload)
        pass_time(bench, 1, right)
    pass_time(bench, 3, left, right)
    assert len(right.packets) >= len(packets), "the other one goes on hearing something, whatever it is"
    bench.engine.shut_down()
