"""Resampling and voice activity."""

import numpy as np

from asr.resample import Upsampler, upsample
from asr.vad import FRAME_SAMPLES, VoiceActivity, speech_probabilities
from tests.scenario.speech import prompt, silence


def tone(hertz: float, seconds: float = 0.5) -> np.ndarray:
    times = np.arange(int(8000 * seconds)) / 8000
    return (12000 * np.sin(2 * np.pi * hertz * times)).astype(np.int16)


def test_a_tone_keeps_its_pitch_and_loudness_without_an_image() -> None:
    for hertz in (300.0, 1000.0, 3000.0):
        wave = upsample(tone(hertz))
        spectrum = np.abs(np.fft.rfft(wave * np.hanning(wave.size)))
        frequencies = np.fft.rfftfreq(wave.size, 1 / 16000)
        assert abs(frequencies[spectrum.argmax()] - hertz) < 4
        assert spectrum[frequencies > 4500].max() < spectrum.max() / 300
        assert abs(wave[500:-500].max() - 12000 / 32768) < 0.01


def test_pieces_make_the_same_as_the_whole() -> None:
    audio = prompt("goodbye")
    whole = Upsampler().accept(audio)
    stream = Upsampler()
    pieces = np.concatenate([stream.accept(audio[start : start + 160]) for start in range(0, audio.size, 160)])
    assert np.allclose(whole, pieces, atol=1e-6)


def test_speech_is_speech_and_noise_and_music_are_not() -> None:
    speech = speech_probabilities(prompt("recording_notice"))
    assert np.mean(np.array(speech) > 0.5) > 0.7
    noise = np.random.default_rng(1).normal(0, 500, 32000).astype(np.int16)
    for quiet in (silence(4), noise, prompt("hold_music")[: 8 * 8000], tone(450, 3)):
        assert np.mean(np.array(speech_probabilities(quiet)) > 0.5) < 0.05


def test_a_stream_in_pieces_gives_the_same_frames() -> None:
    audio = prompt("please_wait")
    voice = VoiceActivity()
    pieces = [p for start in range(0, audio.size, 160) for p in voice.accept(audio[start : start + 160])]
    whole = VoiceActivity().accept(audio)
    assert len(whole) == audio.size // FRAME_SAMPLES
    assert np.allclose(pieces, whole, atol=1e-3)
