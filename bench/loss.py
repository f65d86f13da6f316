"""What packet loss does to speech, with and without concealment, and what concealment costs.

``.venv/bin/python -m bench.loss [--json] [--speech FOLDER]``. Speech (16-bit mono WAV of 8 kHz) goes through G.711 and
the jitter buffer in packets of 20 ms, of which a share is lost, one by one or in bursts of up to three. Measured
against the same speech through G.711 without loss, over frames that are not quiet:

- ``segmental_snr_db``: mean over all frames, each within -10 and 35 dB (nearly all are at 35: they are untouched; the
  few milliseconds after a loss that are blended in count against concealment here, though they hide the joint);
- ``lost_snr_db``: the same over the lost frames only (0 where they are silence);
- ``spectral_db``: how far the spectra of the lost frames are from what they were, in 18 bands;
- ``pesq``: ITU-T P.862 narrow-band, where the package ``pesq`` is installed (it is no dependency: its licence forbids).

Without a folder the speech is synthetic: harmonics of a wandering pitch. That flatters every number but PESQ's.
"""

import argparse
import json
import platform
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from core.audio import FRAME_SAMPLES, Pcm
from telephony.media.codecs import PCMA
from telephony.rtp.conceal import Concealment
from telephony.rtp.playout import Playout

SHARES: Final = (0.0, 0.01, 0.03, 0.05)
BURSTS: Final = (1, 3)
MOST_FILES: Final = 40
_NOT_QUIET: Final = 100.0
_Score: TypeAlias = Callable[[int, Pcm, Pcm, str], float]


def voice(seconds: float = 20.0) -> Pcm:
    """Fourteen harmonics of a pitch between 110 and 150 Hz."""
    at = np.arange(int(seconds * 8000)) / 8000
    phase = 2 * np.pi * np.cumsum(130 + 20 * np.sin(2 * np.pi * 0.7 * at)) / 8000
    sound = np.sum([np.sin(number * phase) / number**0.8 for number in range(1, 15)], axis=0)
    loud = 0.6 + 0.4 * np.sin(2 * np.pi * 1.3 * at)
    made: Pcm = np.rint(5000 * loud * sound / np.abs(sound).max()).astype(np.int16)
    return made


def speech(folder: Path | None) -> list[Pcm]:
    """Some files, spread over the folder."""
    if folder is None:
        return [voice()]
    clips = []
    for path in sorted(folder.rglob("*.wav")):
        with wave.open(str(path)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2):
                clips.append(np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16))
    if not clips:
        raise SystemExit(f"no 16-bit mono WAV of 8 kHz in {folder}")
    return clips[:: max(1, len(clips) // MOST_FILES)][:MOST_FILES]


def drawn(frames: int, share: float, longest: int, seed: int) -> set[int]:
    """Frames that are lost."""
    rng = np.random.default_rng(seed)
    lost: set[int] = set()
    while len(lost) < round(share * frames):
        first = int(rng.integers(5, max(6, frames - 5)))
        lost.update(range(first, first + int(rng.integers(1, longest + 1))))
    return lost


def played(encoded: bytes, lost: set[int]) -> Pcm:
    """What the jitter buffer makes of the packets that come."""
    playout = Playout(PCMA.decode)
    heard = []
    frames = len(encoded) // FRAME_SAMPLES
    for number in range(frames + 1):
        at = number * FRAME_SAMPLES
        if number < frames and number not in lost:
            playout.put(1, at, encoded[at : at + FRAME_SAMPLES], at)
        heard.append(playout.take(at))
    return np.concatenate(heard[1:])


def torn(whole: Pcm, lost: set[int]) -> Pcm:
    """Silence in place of what is lost."""
    heard = whole.copy()
    for number in lost:
        heard[number * FRAME_SAMPLES : (number + 1) * FRAME_SAMPLES] = 0
    return heard


def measured(whole: Pcm, heard: Pcm, lost: set[int], score: _Score | None) -> dict[str, float]:
    """The measures of one clip; those of lost frames only where some that are not quiet were lost."""
    was = whole.astype(np.float64).reshape(-1, FRAME_SAMPLES)
    became = heard.astype(np.float64).reshape(-1, FRAME_SAMPLES)
    power = np.mean(was**2, axis=1)
    audible = power > _NOT_QUIET**2
    noise = np.maximum(np.mean((became - was) ** 2, axis=1), 1e-6)
    ratios = np.clip(10 * np.log10(np.maximum(power, 1e-6) / noise), -10, 35)
    found = {"segmental_snr_db": float(ratios[audible].mean())}
    missing = [number for number in sorted(lost) if number < len(was) and audible[number]]
    if missing:
        edges = np.unique(np.geomspace(2, 81, 19).astype(int))[:-1]
        window = np.hanning(FRAME_SAMPLES)
        bands = [
            10 * np.log10(np.add.reduceat(np.abs(np.fft.rfft(frames[missing] * window)) ** 2, edges, axis=1) + 1e4)
            for frames in (was, became)
        ]
        found["lost_snr_db"] = float(ratios[missing].mean())
        found["spectral_db"] = float(np.mean(np.abs(bands[0] - bands[1])))
    if score is not None:
        found["pesq"] = float(score(8000, whole, heard, "nb"))
    return found


def mean(rows: list[dict[str, float]]) -> dict[str, float]:
    """Of each measure, over the clips that have it."""
    names = sorted({name for row in rows for name in row})
    return {name: round(float(np.mean([row[name] for row in rows if name in row])), 2) for name in names}


def cost() -> dict[str, float]:
    """Microseconds of CPU: a packet in and a frame out of the jitter buffer; the beginning of one concealment."""
    encoded = PCMA.encode(voice(20.0))
    rounds = []
    for _ in range(5):
        begin = time.process_time()
        played(encoded, set())
        rounds.append((time.process_time() - begin) / (len(encoded) // FRAME_SAMPLES) * 1e6)
    history = voice(1.0)[-400:]
    begin = time.process_time()
    for _ in range(500):
        Concealment(history).take(FRAME_SAMPLES)
    return {"frame_us": round(min(rounds), 1), "loss_us": round((time.process_time() - begin) / 500 * 1e6, 1)}


def _pesq() -> _Score | None:
    try:
        from pesq import pesq  # type: ignore[import-not-found]  # noqa: PLC0415
    except ImportError:
        return None
    score: _Score = pesq
    return score


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.loss")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--speech", type=Path)
    options = parser.parse_args()
    score = _pesq()
    cases = []
    clips = [clip[: len(clip) // FRAME_SAMPLES * FRAME_SAMPLES] for clip in speech(options.speech)]
    for share in SHARES:
        for longest in BURSTS if share else (1,):
            rows: dict[str, list[dict[str, float]]] = {"silence": [], "concealed": []}
            for seed, clip in enumerate(clips):
                encoded = PCMA.encode(clip)
                whole = PCMA.decode(encoded)
                lost = drawn(len(whole) // FRAME_SAMPLES, share, longest, seed)
                rows["silence"].append(measured(whole, torn(whole, lost), lost, score))
                rows["concealed"].append(measured(whole, played(encoded, lost), lost, score))
            for way, found in rows.items():
                cases.append({"loss_pct": share * 100, "burst": longest, "way": way, **mean(found)})
    seconds = sum(len(clip) for clip in clips) / 8000
    if options.json:
        machine = f"{platform.machine()} Python {platform.python_version()} numpy {np.__version__}"
        kind = "synthetic" if options.speech is None else "speech"
        print(
            json.dumps({"machine": machine, "source": kind, "seconds": round(seconds), "cases": cases, "cost": cost()})
        )
        return
    names = ["segmental_snr_db", "lost_snr_db", "spectral_db", "pesq"]
    print(f"{'loss %':>6} {'burst':>5} {'way':<10}" + "".join(f"{name:>18}" for name in names))
    for case in cases:
        values = "".join(f"{case.get(name, '-'):>18}" for name in names)
        print(f"{case['loss_pct']:>6} {case['burst']:>5} {case['way']:<10}{values}")
    print(f"{seconds:.0f} s of sound; {cost()}")


if __name__ == "__main__":
    main()
