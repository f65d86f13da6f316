"""What answered, in figures: a confusion table over announcements, mailboxes, tones, people, and how soon it is known.

``python -m bench.answered [--json] [--model NAME|PATH] [--every N] [--calls]``. Every call is heard clean, in noise,
and from its second second on, by each recogniser that is installed; what is told of it goes to the classifier. The
announcements are judged twice: as they come, and as if the network had answered the call to say them. Without a model,
or without the shared speech, it says so and ends with status 1.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from asr import engines, pinyin
from asr.models import Installed, find_model, installed
from asr.progress.announcements import shipped
from asr.progress.classifier import Progress
from asr.progress.evidence import Answered, EarlyMedia, TimePasses
from asr.progress.verdict import Verdict, What
from asr.progress.words import Words
from asr.protocol import Engine
from bench.answered_clips import SPOILT, Clip, clips, shared, spoilt
from bench.answered_hearing import BEFORE_S, Hearing, deciding_s, hear
from core.audio import RATE_HZ, Pcm
from reports.intervals import wilson

_MODELS: Final = Path.home() / ".cache" / "line400" / "models"
_UNDECIDED: Final = "none"


@dataclass(frozen=True, slots=True)
class Judged:
    """One call: what it is, what it was taken for, and seconds from the deciding words (a person: the end of speech) to
    the decision.
    """

    clip: Clip
    how: str
    got: str
    why: str
    after_s: float | None


def judge(words: Words, hearing: Hearing, *, answered: bool) -> tuple[str, Verdict | None]:
    """What the classifier makes of it."""
    progress = Progress(words)
    progress.take(Answered(0.0) if answered else EarlyMedia(0.0))
    for evidence in hearing.evidence:
        if progress.due_s <= evidence.at_s:
            progress.take(TimePasses(progress.due_s))
        if (verdict := progress.take(evidence)) is not None:
            return verdict.what.value, verdict
    if progress.due_s < float("inf"):
        progress.take(TimePasses(progress.due_s))
    if progress.verdict is not None:
        return progress.verdict.what.value, progress.verdict
    return (progress.so_far.value if progress.so_far is not None else _UNDECIDED), None


def measure(engine: Engine, all_clips: Sequence[Clip], calls: bool) -> dict[str, object]:
    """All figures of one recogniser."""
    words = Words(shipped())
    judged: list[Judged] = []
    answering: list[Judged] = []
    spent_s = speech_s = 0.0
    for number, clip in enumerate(all_clips):
        told_s = deciding_s(engine, clip.audio, words) if clip.group == "announcement" else None
        for how in SPOILT:
            sound = spoilt(clip, how, number)
            hearing = hear(engine, sound)
            spent_s += hearing.spent_s
            speech_s += sound.size / RATE_HZ
            cut_s = 1.0 if how == SPOILT[2] else 0.0
            begin_s = BEFORE_S + (told_s - cut_s if told_s is not None else _speech_end_s(sound))
            judged.append(_judged(words, hearing, clip, how, begin_s, answered=clip.answered))
            if clip.group == "announcement" and not clip.answered:
                answering.append(_judged(words, hearing, clip, how, begin_s, answered=True))
            if calls:
                print(f"{how:18} {clip.name:44} {judged[-1].got:14} {judged[-1].why}", file=sys.stderr, flush=True)
    return {
        "bench": "answered",
        "engine": engine.name,
        "cpu_s_per_s_of_sound": round(spent_s / speech_s, 2),
        "confusion": {how: _table([one for one in judged if one.how == how]) for how in SPOILT},
        "announced_after_an_answer": {how: _table([one for one in answering if one.how == how]) for how in SPOILT},
        "people_taken_for_machines": {how: _people([one for one in judged if one.how == how]) for how in SPOILT},
        "s_from_deciding_words": {
            how: _delays([one for one in judged if one.how == how and one.clip.group == "announcement"])
            for how in SPOILT
        },
        "s_from_the_end_of_a_greeting": _delays([one for one in judged if one.clip.what is What.PERSON]),
    }


def _judged(words: Words, hearing: Hearing, clip: Clip, how: str, begin_s: float, *, answered: bool) -> Judged:
    got, verdict = judge(words, hearing, answered=answered)
    if verdict is None:
        return Judged(clip, how, got, "", None)
    return Judged(clip, how, got, verdict.why, verdict.at_s - begin_s if got == clip.what else None)


def _speech_end_s(sound: Pcm) -> float:
    """Where the last sound is that is less than 30 dB below the loudest."""
    if not sound.size:
        return 0.0
    loud = np.flatnonzero(np.abs(sound.astype(np.int32)) > np.abs(sound.astype(np.int32)).max() / 10**1.5)
    return float(loud[-1]) / RATE_HZ if loud.size else 0.0


def _table(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    """What it was (tones and people by their names), and what it was taken for how often."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for one in judged:
        name = one.clip.name if one.clip.group == "tone" else one.clip.what.value
        rows[one.clip.group if one.clip.what is What.PERSON else name][one.got] += 1
    return {name: dict(row) for name, row in rows.items()}


def _people(judged: Sequence[Judged]) -> dict[str, object]:
    people = [one for one in judged if one.clip.what is What.PERSON]
    wrong = [one for one in people if one.got != What.PERSON]
    if not people:
        return {"of": 0}
    low, high = wilson(len(wrong), len(people))
    share = {"of": len(people), "wrong": len(wrong), "interval_pct": [round(100 * low, 2), round(100 * high, 2)]}
    return {**share, "which": [f"{one.clip.name}: {one.got} ({one.why})" for one in wrong]}


def _delays(judged: Sequence[Judged]) -> dict[str, float]:
    delays = sorted(one.after_s for one in judged if one.after_s is not None)
    if not delays:
        return {}
    last = len(delays) - 1
    return {
        "calls": len(delays),
        "p50": round(delays[last // 2], 2),
        "p95": round(delays[last * 95 // 100], 2),
        "most": round(delays[-1], 2),
    }


def _models(folder: Path, name: str | None) -> list[Installed]:
    if name is None and (found := installed(folder)):
        return found
    one = find_model(folder, name)
    return [one] if one is not None else []


def main() -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a recogniser instead of tables")
    parser.add_argument("--model", help="name or path of a model; else all that are installed")
    parser.add_argument("--models", type=Path, default=_MODELS, help="folder of installed models (and LINE400_MODELS)")
    parser.add_argument("--every", type=int, default=1, help="only every N-th of the people")
    parser.add_argument("--calls", action="store_true", help="also each call and why it was judged so")
    arguments = parser.parse_args()
    models = _models(arguments.models, arguments.model)
    if not models or not (shared() / "speech").is_dir():
        print("needs a model (line400 models install, or LINE400_MODELS) and the shared speech (LINE400_SHARED)")
        return 1
    pinyin.load()
    everything = list(clips(shared()))
    people = [clip for clip in everything if clip.what is What.PERSON]
    wanted = [clip for clip in everything if clip.what is not What.PERSON] + people[:: arguments.every]
    for model in models:
        figures = measure(engines.load(model.engine, model.path), wanted, arguments.calls)
        print(json.dumps(figures, ensure_ascii=False) if arguments.json else _shown(figures), flush=True)
    return 0


def _shown(figures: dict[str, object]) -> str:
    return "\n".join(f"{key:28} {json.dumps(value, ensure_ascii=False)}" for key, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
