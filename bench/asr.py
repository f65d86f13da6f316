"""Recognition in figures: character error rate, speed, and what spoken choices and scores come to.

``python -m bench.asr [--json] [--model NAME|PATH] [--every N] [--clips]``. Each clip goes the way of a live utterance
(G.711 samples, voice activity, engine with the phrases of the main menu or of a score question), in this process and
on one thread. Without a model, or without the shared speech, it says so and ends with status 1.
"""

import argparse
import json
import math
import os
import platform
import sys
import time
import wave
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from asr import engines
from asr.models import find_model
from asr.numbers import score
from asr.phrases import distance, syllables
from asr.protocol import Engine
from asr.protocol import Final as FinalHypothesis
from asr.stream import LiveStream, Speech
from asr.text import edits, normalise
from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm, seconds_of
from core.tap import TapFrame
from ivr.answers import REPEAT, Again, Chosen, expected, of_speech
from ivr.flow import Menu
from ivr.load import load_flow
from telephony.media.codecs import PCMU

_REPOSITORY: Final = Path(__file__).resolve().parent.parent
_MODELS: Final = Path.home() / ".cache" / "line400" / "models"
_MENU_TRUTH: Final = {
    "人工服务": "agent", "转人工": "agent", "投诉建议": "complaint", "报修": "service", "重复一遍": REPEAT,
}  # fmt: skip
"""What the command clips ask for at the main menu; all others ask for nothing that it has."""
_CALLER_TRUTH: Final = {"buy": "buy", "service": "service", "complaint": "complaint", "agent": "agent"}
_SCORES: Final = {"score_10": 10, "score_8": 8, "score_3": 3}
_SCORE_PHRASES: Final = tuple(f"{value}分" for value in "零一二三四五六七八九十")


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of speech, its text, and what it means: ``choice`` at the main menu (None: nothing), or a ``score``."""

    name: str
    group: str
    text: str
    audio: Pcm
    choice: str | None = None
    score: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was heard of ``clip``, with CPU and wall time of recognising (not of the pause that ends an utterance)."""

    clip: Clip
    heard: str
    speech_s: float
    cpu_s: float
    wall_s: float


def _shared() -> Path:
    return Path(os.environ.get("LINE400_SHARED", _REPOSITORY.parent / "shared"))


def _wav(path: Path) -> Pcm:
    with wave.open(str(path), "rb") as file:
        return PCMU.decode(PCMU.encode(np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.int16)))


def clips(shared: Path) -> Iterator[Clip]:
    """All Mandarin clips of the shared speech: sentences of real people, spoken commands, what callers say."""
    for entry in json.loads((shared / "speech" / "manifest.json").read_text(encoding="utf-8")):
        if entry["lang"] == "zh" and entry["kind"] in ("sentence", "command"):
            audio = PCMU.decode((shared / "speech" / entry["file"]).read_bytes())
            yield Clip(entry["file"], entry["kind"], entry["text"], audio, _MENU_TRUTH.get(entry["text"]))
    for entry in json.loads((shared / "audio" / "manifest.json").read_text(encoding="utf-8")):
        if entry["group"] == "callers":
            name = str(entry["name"])
            choice = _CALLER_TRUTH.get(name.split("_", maxsplit=1)[0])
            if name in ("tradein_1", "tradein_2"):
                choice = "tradein"
            group = "score" if name in _SCORES else "caller"
            yield Clip(
                entry["file"], group, entry["text"], _wav(shared / "audio" / entry["file"]), choice, _SCORES.get(name)
            )


def recognise(engine: Engine, clip: Clip, phrases: Sequence[str]) -> Result:
    """One clip as a live utterance, with half a second of silence before it and one and a half after it."""
    before, after = np.zeros(RATE_HZ // 2, dtype=np.int16), np.zeros(RATE_HZ * 3 // 2, dtype=np.int16)
    call = np.concatenate((before, clip.audio, after))
    text, speech_s, cpu_s, wall_s = "", 0.0, 0.0, 0.0
    position = 0
    while position < call.size:  # a clip with a pause in it is two utterances
        stream = LiveStream(0.0, no_speech_s=0, max_s=20)
        pieces: list[Pcm] = []
        while position < call.size and not stream.done:
            frame = TapFrame(1, 0, position, call[position : position + FRAME_SAMPLES])
            pieces += [event.audio for event in stream.accept(frame, 0.0) if isinstance(event, Speech)]
            position += FRAME_SAMPLES
        if not pieces:
            break
        cpu, wall = time.process_time(), time.perf_counter()
        recogniser = engine.recogniser(phrases)
        said = [hypothesis for piece in pieces for hypothesis in recogniser.accept(piece)]
        said += recogniser.finish()
        cpu_s += time.process_time() - cpu
        wall_s = max(wall_s, time.perf_counter() - wall)
        speech_s += seconds_of(sum(piece.size for piece in pieces))
        text += "".join(hypothesis.text for hypothesis in said if isinstance(hypothesis, FinalHypothesis))
    return Result(clip, text, speech_s, cpu_s, wall_s)


def menu_verdict(menu: Menu, result: Result) -> str:
    """``right``, ``rejected`` or ``wrong`` for what the menu has; ``refused`` or ``accepted`` for what it has not."""
    meaning = of_speech(menu, result.heard)
    got = meaning.choice.name if isinstance(meaning, Chosen) else REPEAT if isinstance(meaning, Again) else None
    if result.clip.choice is None:
        return "refused" if got is None else "accepted"
    return "rejected" if got is None else "right" if got == result.clip.choice else "wrong"


def _errors(results: Sequence[Result]) -> dict[str, float]:
    wanted = [normalise(result.clip.text) for result in results]
    wrong = sum(edits(text, normalise(result.heard)) for text, result in zip(wanted, results, strict=True))
    sounds = wrong_sounds = 0.0
    for text, result in zip(wanted, results, strict=True):
        one, other = syllables(text), syllables(result.heard)
        sounds += len(one)
        wrong_sounds += distance(one, other) * max(len(one), len(other))
    return {
        "clips": len(results),
        "cer": round(wrong / sum(map(len, wanted)), 4),
        "sound_error": round(wrong_sounds / sounds, 4),
    }


def _noise(engine: Engine, phrases: Sequence[str]) -> dict[str, int]:
    """How often something is heard where nobody speaks: silence, hiss, hum, hold music; 20 s each."""
    chance = np.random.default_rng(400)
    times = np.arange(20 * RATE_HZ) / RATE_HZ
    [music] = (_REPOSITORY / "ivr" / "assets" / "system").glob("hold_music.*wav")
    sounds = {
        "silence": np.zeros(times.size),
        "hiss": chance.normal(0, 400, times.size),
        "hum": 3000 * np.sin(2 * math.pi * 50 * times) + chance.normal(0, 30, times.size),
        "music": _wav(music)[: times.size].astype(np.float64),
    }
    return {
        name: len(recognise(engine, Clip(name, "noise", "", sound.astype(np.int16)), phrases).heard)
        for name, sound in sounds.items()
    }


def measure(engine: Engine, every: int) -> tuple[dict[str, object], list[tuple[Result, str]]]:
    """All figures, and each clip with its verdict."""
    menu = load_flow(_REPOSITORY / "ivr" / "flows" / "main.toml").nodes["menu"]
    if not isinstance(menu, Menu):
        raise SystemExit("the main flow's menu is not a menu")
    results: list[tuple[Result, str]] = []
    for clip in list(clips(_shared()))[::every]:
        if clip.group == "sentence":
            results.append((recognise(engine, clip, ()), ""))
        elif clip.group == "score":
            result = recognise(engine, clip, _SCORE_PHRASES)
            value = score(result.heard)
            results.append((result, "rejected" if value is None else "right" if value == clip.score else "wrong"))
        else:
            result = recognise(engine, clip, expected(menu))
            results.append((result, menu_verdict(menu, result)))
    everything = [result for result, _ in results]
    walls = sorted(result.wall_s for result in everything)
    groups = sorted({result.clip.group for result in everything})
    return {
        "bench": "asr",
        "engine": engine.name,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "errors": {name: _errors([one for one in everything if one.clip.group == name]) for name in groups},
        "choices": {
            name: dict(Counter(verdict for result, verdict in results if result.clip.group == name))
            for name in groups
            if name != "sentence"
        },
        "heard_in_noise_characters": _noise(engine, expected(menu)),
        "rtf_cpu": round(sum(one.cpu_s for one in everything) / sum(one.speech_s for one in everything), 3),
        "utterance_wall_p50_s": round(walls[len(walls) // 2], 2),
        "utterance_wall_p95_s": round(walls[len(walls) * 95 // 100], 2),
    }, results


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--model", help="name or path of a model; else the preferred one that is installed")
    parser.add_argument("--models", type=Path, default=_MODELS, help="folder of installed models (and LINE400_MODELS)")
    parser.add_argument("--every", type=int, default=1, help="only every N-th clip")
    parser.add_argument("--clips", action="store_true", help="also each clip, what was heard and the verdict")
    arguments = parser.parse_args()
    found = find_model(arguments.models, arguments.model)
    if found is None or not (_shared() / "speech").is_dir():
        print(
            "needs a model (line400 models install, or LINE400_MODELS) and the shared speech (LINE400_SHARED)",
            file=sys.stderr,
        )
        return 1
    figures, results = measure(engines.load(found.engine, found.path), arguments.every)
    if arguments.clips:
        for result, verdict in results:
            print(
                f"{result.clip.name}  {result.clip.text}  →  {result.heard}  {verdict}  {result.wall_s:.2f} s",
                file=sys.stderr,
            )
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        for key, value in figures.items():
            print(f"{key:28} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
