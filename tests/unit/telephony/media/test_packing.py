"""Frames of the tick into packets of every codec and length, and packets of wide codecs onto tracks."""

import numpy as np
import pytest

from core.audio import Pcm
from telephony.media.codecs import PCMA, audio_codec
from telephony.media.decoding import TrackDecoder
from telephony.media.packing import Packing, is_plain
from telephony.media.track import Track
from telephony.rtp.formats import FORMATS

TONE = (8000 * np.sin(2 * np.pi * 500 * np.arange(9600) / 8000)).astype(np.int16)


def frames(sound: Pcm) -> list[Pcm]:
    return np.split(sound, len(sound) // 160)


def purity_db(sound: Pcm, frequency_hz: float = 500) -> float:
    """The tone against all else."""
    part = sound.astype(float)
    phase = 2 * np.pi * frequency_hz * np.arange(len(part)) / 8000
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    pure = basis @ np.linalg.lstsq(basis, part, rcond=None)[0]
    return float(10 * np.log10(np.var(pure) / np.var(part - pure)))


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 50, 60])
def test_packets_of_the_length_that_was_asked_for(name: str, ptime_ms: int) -> None:
    form = FORMATS[name]
    packing = Packing(form, ptime_ms)
    packets = [packet for frame in frames(TONE) for packet in packing.feed(frame)]
    packed_ms = form.nearest_ptime(ptime_ms)
    assert len(packets) == 1200 // packed_ms
    assert {packet.step for packet in packets} == {form.clock_hz * packed_ms // 1000}
    decoder = audio_codec(name).decoder()
    heard = np.concatenate([decoder.decode(packet.payload) for packet in packets])
    assert purity_db(heard[1600:]) > 15
    assert packing.waiting == (9600 - len(heard))


def test_the_end_is_filled_up_with_silence_and_a_new_speaker_begins_anew() -> None:
    packing = Packing(FORMATS["PCMU"], 60)
    assert packing.finish() == []
    assert packing.feed(TONE[:160]) == []
    (last,) = packing.finish()
    heard = audio_codec("PCMU").decoder().decode(last.payload)
    assert len(heard) == 480
    assert np.abs(heard[:160]).max() > 7000
    assert not heard[160:].any()
    packing.feed(TONE[:160])
    packing.restart()
    assert packing.waiting == 0


def test_frames_that_were_left_out_show_in_the_timestamp() -> None:
    packing = Packing(FORMATS["opus"], 40)
    assert packing.feed(TONE[:160]) == []
    (late,) = packing.feed(TONE[160:320], skipped=3)
    assert late.step == 48 * (40 + 60)
    packing.feed(TONE[:160])
    assert packing.feed(TONE[:160])[0].step == 48 * 40


def test_only_g711_of_20_ms_needs_no_packing() -> None:
    assert is_plain(FORMATS["PCMA"], 20)
    assert is_plain(FORMATS["PCMU"], 20)
    assert not is_plain(FORMATS["PCMA"], 30)
    assert not is_plain(FORMATS["G722"], 20)
    assert not is_plain(FORMATS["opus"], 20)


class Far:
    """A far end that speaks ``TONE`` in a codec, packet by packet."""

    def __init__(self, name: str, ptime_ms: int = 20, timestamp: int = 1000) -> None:
        self.form = FORMATS[name]
        encoder = audio_codec(name).encoder(ptime_ms)
        size = 8 * ptime_ms
        self.payloads = [encoder.encode(TONE[at : at + size]) for at in range(0, 9600 - size + 1, size)]
        self.size = size
        self.first = timestamp

    def say(self, decoder: TrackDecoder, number: int, arrival: int = 0) -> None:
        timestamp = (self.first + number * self.form.ticks(self.size // 8)) & 0xFFFFFFFF
        decoder.put(timestamp, self.payloads[number], arrival or 160 + number * self.size)


def heard_on(track: Track, start: int, end: int) -> Pcm:
    return track.codec.decode(track.timeline.read(start, end))


@pytest.mark.parametrize("name", ["G722", "opus"])
@pytest.mark.parametrize("ptime_ms", [20, 60])
@pytest.mark.parametrize("timestamp", [1000, 0xFFFFFFFF - 5000])
def test_a_wide_codec_is_on_the_track_without_a_seam(name: str, ptime_ms: int, timestamp: int) -> None:
    far = Far(name, ptime_ms, timestamp)
    decoder = TrackDecoder(far.form)
    tracks = Track(audio_codec("PCMA"), 0), Track(PCMA, 0)
    decoder.tracks = tracks
    for number in range(len(far.payloads)):
        far.say(decoder, number)
    for track in tracks:
        assert purity_db(heard_on(track, 1600, 9600)) > 15
        assert np.abs(heard_on(track, 0, 160)).max() <= 8, "A-law has no zero"
    assert (decoder.bad, decoder.late) == (0, 0)


def test_a_lost_packet_of_opus_is_filled_and_a_late_one_is_dropped() -> None:
    far = Far("opus")
    decoder = TrackDecoder(far.form)
    track = Track(PCMA, 0)
    decoder.tracks = (track,)
    for number in [*range(20), *range(21, 40), 20, *range(40, 60)]:
        far.say(decoder, number)
    assert decoder.late == 1
    hole = heard_on(track, 160 + 20 * 160, 160 + 21 * 160)
    assert np.std(hole.astype(float)) > 1000


def test_another_stream_and_a_bad_payload() -> None:
    far = Far("opus")
    decoder = TrackDecoder(far.form)
    track = Track(PCMA, 0)
    decoder.tracks = (track,)
    for number in range(10):
        far.say(decoder, number)
    decoder.put(1000 + 9600, b"\xff" * 900, 160 + 1600)
    far.first += 3_000_000_000
    for number in range(11, 50):
        far.say(decoder, number)
    assert (decoder.bad, decoder.late) == (1, 0)
    assert purity_db(heard_on(track, 160 + 15 * 160, 160 + 50 * 160)) > 15
