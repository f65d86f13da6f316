"""Every codec behind the one protocol: how true it is on tones and speech, packet lengths, damage, and what it costs to
have it there.
"""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audio import Pcm
from core.errors import LocalProtocolError, ParseError
from telephony.media.codecs import audio_codec
from telephony.rtp.formats import FORMATS

NAMES = sorted(FORMATS)
CLIPS = Path(__file__).parents[4] / "service" / "demo" / "clips"


def sine(frequency_hz: float, rate_hz: int, level: int = 8000, seconds: float = 1.0) -> Pcm:
    time = np.arange(int(seconds * rate_hz)) / rate_hz
    return (level * np.sin(2 * np.pi * frequency_hz * time)).round().astype(np.int16)


def speech() -> Pcm:
    """Up to four seconds at 8 kHz of the clip with most to say."""
    path = max(CLIPS.glob("*.wav"), key=lambda clip: clip.stat().st_size)
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(32000), "<i2").astype(np.int16)


def through(name: str, sound: Pcm, *, ptime_ms: int = 20, rate_hz: int = 8000, out_hz: int | None = None) -> Pcm:
    """``sound`` after one pass of encoder and decoder, packet by packet."""
    codec = audio_codec(name)
    encoder, decoder = codec.encoder(ptime_ms, rate_hz), codec.decoder(out_hz or rate_hz)
    size = rate_hz * ptime_ms // 1000
    packets = [sound[start : start + size] for start in range(0, len(sound) - size + 1, size)]
    heard = [decoder.decode(encoder.encode(packet)) for packet in packets]
    assert decoder.bad == 0
    return np.concatenate(heard)


def sine_snr_db(sound: Pcm, frequency_hz: float, rate_hz: int) -> float:
    part = sound[len(sound) // 4 :].astype(float)
    phase = 2 * np.pi * frequency_hz * np.arange(len(part)) / rate_hz
    basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)
    pure = basis @ np.linalg.lstsq(basis, part, rcond=None)[0]
    return float(10 * np.log10(np.var(pure) / np.var(part - pure)))


def aligned_snr_db(sent: Pcm, heard: Pcm) -> tuple[float, int]:
    """Signal to noise after the best shift (to an eighth of a sample) and gain, and the shift in samples of 64 kHz."""
    size = 1 << 16
    a_spectrum, b_spectrum = np.fft.rfft(sent.astype(float), size), np.fft.rfft(heard.astype(float), size)
    a, b = np.fft.irfft(a_spectrum, 8 * size), np.fft.irfft(b_spectrum, 8 * size)
    shift = int(np.argmax(np.fft.irfft(b_spectrum * np.conj(a_spectrum), 8 * size)[:8000]))
    length = min(len(a), len(b) - shift)
    a, b = a[:length], b[shift : shift + length]
    gain = a @ b / (a @ a)
    return float(10 * np.log10(np.sum((gain * a) ** 2) / np.sum((b - gain * a) ** 2))), shift


@pytest.mark.parametrize(
    ("name", "rate_hz", "frequency_hz", "least_db"),
    [
        ("PCMA", 8000, 1004, 38), ("PCMU", 8000, 1004, 38), ("PCMA", 48000, 1004, 38),
        ("G722", 8000, 1004, 45), ("G722", 16000, 1004, 45), ("G722", 16000, 6000, 25),
        ("opus", 8000, 1004, 22), ("opus", 16000, 1004, 35), ("opus", 48000, 1004, 35),
    ],
)  # fmt: skip
def test_a_tone_survives(name: str, rate_hz: int, frequency_hz: int, least_db: float) -> None:
    heard = through(name, sine(frequency_hz, rate_hz), rate_hz=rate_hz)
    snr_db = sine_snr_db(heard, frequency_hz, rate_hz)
    assert snr_db > least_db


@pytest.mark.parametrize(
    ("name", "least_db", "most_delay_ms"), [("PCMA", 36, 0), ("PCMU", 36, 0), ("G722", 27, 6), ("opus", 7, 10)]
)
def test_speech_survives(name: str, least_db: float, most_delay_ms: float) -> None:
    sound = speech()
    snr_db, shift = aligned_snr_db(sound, through(name, sound))
    assert snr_db > least_db
    assert shift <= most_delay_ms * 64


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ptime_ms", [10, 20, 30, 40, 50, 60])
def test_packets_of_every_length(name: str, ptime_ms: int) -> None:
    if ptime_ms not in FORMATS[name].ptimes_ms:
        with pytest.raises(LocalProtocolError):
            audio_codec(name).encoder(ptime_ms)
        return
    codec = audio_codec(name)
    encoder, decoder = codec.encoder(ptime_ms), codec.decoder()
    sound = sine(700, 8000, seconds=1.2)
    size = 8 * ptime_ms
    payloads = [encoder.encode(sound[start : start + size]) for start in range(0, len(sound) - size + 1, size)]
    if name != "opus":
        assert {len(payload) for payload in payloads} == {8 * ptime_ms}, "64 kbit/s"
    else:
        assert np.mean([len(payload) for payload in payloads]) * 8 / ptime_ms < 30, "kbit/s"
    heard = [decoder.decode(payload) for payload in payloads]
    assert {len(samples) for samples in heard} == {size}
    assert sine_snr_db(np.concatenate(heard), 700, 8000) > 15
    with pytest.raises(LocalProtocolError):
        encoder.encode(sound[: size - 80])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_samples_come_at_the_rate_asked_for(name: str, rate_hz: int) -> None:
    heard = through(name, sine(1000, 8000), out_hz=rate_hz)
    assert len(heard) == rate_hz
    peak_hz = np.argmax(np.abs(np.fft.rfft(heard.astype(float)))) * rate_hz / len(heard)
    assert peak_hz == pytest.approx(1000, abs=1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ptime_ms", [10, 20, 60])
def test_silence_is_silent(name: str, ptime_ms: int) -> None:
    codec = audio_codec(name)
    decoder = codec.decoder()
    heard = np.concatenate([decoder.decode(codec.silent(ptime_ms)) for _ in range(10)])
    assert len(heard) == 80 * ptime_ms
    assert np.abs(heard.astype(int)).max() <= 64
    assert decoder.bad == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_payload_is_silence_and_counted_and_the_stream_goes_on(name: str) -> None:
    codec = audio_codec(name)
    encoder, decoder = codec.encoder(), codec.decoder()
    tone = sine(1000, 8000)
    packets = [encoder.encode(tone[start : start + 160]) for start in range(0, 8000, 160)]
    for packet in packets[:20]:
        decoder.decode(packet)
    for damage in (b"", b"\xff" * 3000):
        silence = decoder.decode(damage)
        assert len(silence) == 160
        assert not silence.any()
    assert decoder.bad == 2
    after = np.concatenate([decoder.decode(packet) for packet in packets[20:]])
    assert decoder.bad == 2
    assert sine_snr_db(after, 1000, 8000) > 15


@pytest.mark.parametrize("name", ["G722", "opus"])
@settings(max_examples=80, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=6))
def test_no_payload_raises(name: str, payloads: list[bytes]) -> None:
    decoder = audio_codec(name).decoder()
    for payload in payloads:
        assert len(decoder.decode(payload)) <= 8 * 120
        assert decoder.bad <= len(payloads)


@pytest.mark.parametrize("frame_ms", ["2.5", "5", "10", "20", "40", "60", "80", "100", "120"])
def test_opus_takes_frames_of_any_length_and_stereo(frame_ms: str) -> None:
    import av  # noqa: PLC0415 - as in the product, only where it is needed

    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "s16"
    encoder.options = {"frame_duration": frame_ms}
    encoder.open()
    tone = np.repeat(sine(1000, 48000, seconds=0.6), 2).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="stereo")
    frame.sample_rate = 48000
    decoder = audio_codec("opus").decoder()
    packets = [bytes(packet) for packet in encoder.encode(frame)]
    heard = [decoder.decode(packet) for packet in packets]
    assert {len(samples) for samples in heard} == {int(8 * float(frame_ms))}
    assert decoder.bad == 0
    assert sine_snr_db(np.concatenate(heard), 1000, 8000) > 15


def test_opus_conceals_a_lost_packet_from_what_came_before() -> None:
    codec = audio_codec("opus")
    encoder, decoder, whole = codec.encoder(), codec.decoder(), codec.decoder()
    sound = speech()
    packets = [encoder.encode(sound[start : start + 160]) for start in range(0, 32000, 160)]
    loud = int(np.argmax([np.std(piece) for piece in np.split(sound.astype(float), 200)][20:180])) + 20
    truth = [whole.decode(packet) for packet in packets[: loud + 20]]
    heard: list[Pcm] = []
    for number, packet in enumerate(packets[: loud + 20]):
        made = decoder.conceal(20) if number == loud else decoder.decode(packet)
        assert made is not None
        assert len(made) == 160
        heard.append(made)
    assert np.std(heard[loud].astype(float)) > 0.5 * np.std(truth[loud].astype(float)), "no hole"
    late, true_late = np.concatenate(heard[loud + 8 :]).astype(float), np.concatenate(truth[loud + 8 :]).astype(float)
    assert np.std(late - true_late) < 0.05 * np.std(true_late), "the decoder is soon where it would have been"
    fading = [decoder.conceal(30) for _ in range(10)]
    assert all(made is not None and len(made) == 240 for made in fading)
    assert np.abs(fading[-1]).max() < 200, "and it does not drone on"
    assert decoder.bad == 0


def test_opus_conceals_before_anything_came() -> None:
    made = audio_codec("opus").decoder().conceal(20)
    assert made is not None
    assert len(made) == 160


@pytest.mark.parametrize("name", ["PCMA", "PCMU", "G722"])
def test_other_codecs_leave_concealment_to_the_house(name: str) -> None:
    assert audio_codec(name).decoder().conceal(20) is None


def test_clocks_and_rates() -> None:
    clocks = {name: (audio_codec(name).clock_hz, audio_codec(name).rate_hz) for name in NAMES}
    assert clocks == {"PCMA": (8000, 8000), "PCMU": (8000, 8000), "G722": (8000, 16000), "opus": (48000, 48000)}
    assert {name: FORMATS[name].ticks(30) for name in NAMES} == {"PCMA": 240, "PCMU": 240, "G722": 240, "opus": 1440}
    with pytest.raises(ParseError):
        audio_codec("G729")


def test_g711_does_not_load_av() -> None:
    code = (
        "import sys; from telephony.media.codecs import audio_codec; audio_codec('PCMA').encoder(); "
        "assert 'av' not in sys.modules; audio_codec('G722'); assert 'av' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
