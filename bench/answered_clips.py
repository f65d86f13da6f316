"""Calls for ``bench.answered``: announcements, mailboxes, tones and people, clean, in noise, and begun too late."""

import json
import os
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from asr.progress.verdict import What
from core.audio import RATE_HZ, Pcm
from telephony.media.codecs import PCMU
from telephony.sound.tones import TONES

REPOSITORY: Final = Path(__file__).resolve().parent.parent
SPOILT: Final = ("clean", "noise 10 dB", "first second cut")
_NETWORK: Final = {
    "power_off": What.POWERED_OFF, "empty_number": What.EMPTY_NUMBER, "suspended": What.OUT_OF_SERVICE,
    "busy": What.BUSY, "unreachable": What.UNREACHABLE, "no_answer": What.NO_ANSWER, "incoming_barred": What.BARRED,
    "voicemail": What.VOICEMAIL, "assistant": What.ASSISTANT,
}  # fmt: skip
_KINDS: Final = {
    "telco_off": What.POWERED_OFF, "telco_empty": What.EMPTY_NUMBER, "telco_suspended": What.OUT_OF_SERVICE,
    "telco_busy": What.BUSY, "telco_unreachable": What.UNREACHABLE, "voicemail": What.VOICEMAIL,
}  # fmt: skip
_MACHINES: Final = {What.VOICEMAIL, What.ASSISTANT}
"""They answer; the network speaks before the answer."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A call's sound and what it is; ``group`` is announcement, tone, real people or synthetic people."""

    name: str
    group: str
    what: What
    audio: Pcm
    answered: bool


def shared() -> Path:
    """Where the shared speech lies."""
    return Path(os.environ.get("LINE400_SHARED", REPOSITORY.parent / "shared"))


def clips(folder: Path) -> Iterator[Clip]:
    """All of them."""
    audio, speech = folder / "audio", folder / "speech"
    for entry in json.loads((audio / "manifest.json").read_text(encoding="utf-8")):
        sound = _wav(audio / entry["file"]) if entry["group"] != "system" else None
        if sound is None:
            continue
        if entry["group"] == "network":
            what = _NETWORK[entry["name"]]
            yield Clip(entry["file"], "announcement", what, sound, what in _MACHINES)
        else:
            yield Clip(entry["file"], "synthetic people", What.PERSON, sound, answered=True)
    for entry in json.loads((speech / "manifest.json").read_text(encoding="utf-8")):
        sound = PCMU.decode((speech / entry["file"]).read_bytes()).astype(np.int16)
        known = _KINDS.get(entry["kind"])
        if known is not None:
            yield Clip(entry["file"], "announcement", known, sound, known in _MACHINES)
        else:
            group = "real people" if entry["file"].startswith("real/") else "synthetic people"
            yield Clip(entry["file"], group, What.PERSON, sound, answered=True)
    yield from _tones(audio)


def _tones(audio: Path) -> Iterator[Clip]:
    ring, busy, full, beep = (
        _wav(audio / "tones" / f"{name}.wav") for name in ("ringback", "busy", "congestion", "beep")
    )
    [music] = (audio / "system").glob("hold_music*.wav")
    [greeting] = (audio / "agents").glob("greet.zm*.wav")
    yield Clip("ring-back", "tone", What.RINGING, np.concatenate((ring, ring, ring)), answered=False)
    yield Clip("colour ring: music", "tone", What.RINGING, _wav(music)[: 12 * RATE_HZ], answered=False)
    yield Clip("busy tone", "tone", What.BUSY, np.concatenate((busy, busy)), answered=False)
    yield Clip("congestion tone", "tone", What.UNREACHABLE, np.concatenate((full, full)), answered=False)
    own = np.concatenate((_wav(greeting), np.zeros(RATE_HZ * 7 // 10, dtype=np.int16), beep))
    yield Clip("a greeting of one's own, and a beep", "tone", What.BEEP, own, answered=True)
    yield Clip("fax that answers (CED)", "tone", What.FAX, TONES["ced"].samples(0, 3 * RATE_HZ), answered=True)
    yield Clip("fax that calls (CNG)", "tone", What.FAX, TONES["cng"].samples(0, 4 * RATE_HZ), answered=True)


def spoilt(clip: Clip, how: str, seed: int) -> Pcm:
    """The sound of ``clip`` as it is, in white noise 10 dB below its mean power, or without its first second; through
    G.711.
    """
    wave_ = clip.audio.astype(np.float64)
    if how == SPOILT[1]:
        loud = np.sqrt(np.mean(wave_[np.abs(wave_) > 100] ** 2)) if np.any(np.abs(wave_) > 100) else 0.0
        wave_ = wave_ + np.random.default_rng(seed).normal(0.0, loud / 10**0.5, wave_.size)
    elif how == SPOILT[2]:
        wave_ = wave_[RATE_HZ:]
    return PCMU.decode(PCMU.encode(np.clip(wave_.round(), -32768, 32767).astype(np.int16))).astype(np.int16)


def _wav(path: Path) -> Pcm:
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)
