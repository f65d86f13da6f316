"""Recordings that people hand over on the page for a voice to say: made fit for the telephone and kept for good.

A recording is named by its sound, so that two that are the same are one, and no version of a survey ever says
something else than it did.
"""

import hashlib
import io
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from campaigns.plan_facts import PromptHanded
from core.audio import Pcm
from core.errors import ParseError
from core.rate import RATE_HZ

_MOST_S: Final = 60.0
_LEAST_S: Final = 0.2
_RATES_HZ: Final = (8000, 192_000)
_AUDIBLE: Final = 100
"""Of 32767: a recording without a louder sample (-50 dB) is silence."""
_NAME_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class KeptPrompt:
    """A recording by the name under which it is said."""

    name: str
    seconds: float

    def fact(self, by: str) -> PromptHanded:
        """The fact that account ``by`` has handed it over."""
        return PromptHanded(self.name, self.seconds, by)


def keep_prompt(sound: bytes, folder: Path) -> KeptPrompt:
    """Keep ``sound`` (WAV, FLAC, Ogg or MP3 of any usual rate) in ``folder`` as 8 kHz, 16-bit, mono; ``ParseError``
    says what is wrong with it. It takes up to a second.
    """
    samples = _telephone(sound)
    seconds = round(len(samples) / RATE_HZ, 2)
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    name = f"survey-{hashlib.sha256(samples.tobytes()).hexdigest()[:_NAME_DIGITS]}"
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f"{name}.part"
    half.write_bytes(written.getvalue())
    half.replace(folder / f"{name}.wav")
    return KeptPrompt(name, seconds)


def _telephone(sound: bytes) -> Pcm:
    import soundfile  # noqa: PLC0415 - wanted seldom
    from av import AudioFrame, AudioResampler  # noqa: PLC0415

    if not sound:
        raise _wrong("文件是空的，请重新录音或另选文件", "the file is empty; record it again or take another one")
    try:
        with soundfile.SoundFile(io.BytesIO(sound)) as file:
            rate_hz, lasts_s = file.samplerate, file.frames / file.samplerate
            if not _RATES_HZ[0] <= rate_hz <= _RATES_HZ[1]:
                raise _wrong(f"采样率 {rate_hz} Hz 不能用，请用 8 到 48 kHz", f"not of {rate_hz} Hz; take 8 to 48 kHz")
            if not _LEAST_S <= lasts_s <= _MOST_S:
                raise _wrong(
                    f"录音有 {lasts_s:.1f} 秒，只能是 {_LEAST_S:g} 到 {_MOST_S:g} 秒",
                    f"the recording lasts {lasts_s:.1f} s; it must be {_LEAST_S:g} to {_MOST_S:g} s",
                )
            heard = file.read(dtype="float32", always_2d=True).mean(axis=1)
    except soundfile.LibsndfileError:
        raise _wrong(
            "不是能播放的录音，请上传 WAV、FLAC、Ogg 或 MP3 文件",
            "no recording that can be played; take WAV, FLAC, Ogg or MP3",
        ) from None
    frame = AudioFrame.from_ndarray(heard.reshape(1, -1), format="fltp", layout="mono")
    frame.sample_rate = rate_hz
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    samples = np.concatenate([piece.to_ndarray().reshape(-1) for piece in made]).astype(np.int16)
    if np.abs(samples.astype(np.int32)).max(initial=0) < _AUDIBLE:
        raise _wrong("录音里没有声音，请重新录音", "nothing is to be heard in the recording; record it again")
    return samples


def _wrong(zh: str, en: str) -> ParseError:
    return ParseError(f"{zh} / {en}", where="body")
