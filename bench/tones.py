"""How well keys and tones are heard, and what it costs: ``python -m bench.tones [--json] [--trials N]``.

Keys within and beyond the limits of ITU-T Q.24; switch tones, beeps and fax tones drawn at random within their limits;
false alarms on speech and music; processor time for each second of a leg. Counts, not shares, so that nobody has to
guess how many there were. Random numbers are the same in every run.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from bench import tone_trials as trials
from core.audio import RATE_HZ, Pcm
from telephony.sound.cadence import ToneFound
from telephony.sound.detect import DETECTED, PROGRESS, Heard, Listener, listen_all
from telephony.sound.dtmf import LAYOUT, KeyHeard

_PIECE: Final = 800
_COST_SETS: Final = (("dtmf",), PROGRESS, ("cng", "ced"), ("beep",), tuple(sorted(DETECTED)))


@dataclass(frozen=True, slots=True)
class Keys:
    """``sent`` keys of one ``kind``: ``right`` were heard just once, ``told`` in all."""

    kind: str
    sent: int
    right: int
    told: int


@dataclass(frozen=True, slots=True)
class Tones:
    """``trials`` of a tone: told ``right``, ``wrong`` (another one besides or instead), ``missed``. The ``latency``: of
    switch tones in cycles from the beginning, of the others in seconds from the end (CED: from the beginning).
    """

    tone: str
    trials: int
    right: int
    wrong: int
    missed: int
    latency_p50: float
    latency_max: float


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """What was told in ``seconds`` of something that has no tones."""

    kind: str
    seconds: int
    told: dict[str, int]


@dataclass(frozen=True, slots=True)
class Cost:
    """µs of processor time for a second of one leg; ``legs``, all of whom speak, are looked at together each 100 ms."""

    tones: str
    legs: int
    us_per_leg_second: float


def listen(samples: Pcm, tones: Iterable[str]) -> list[tuple[float, Heard]]:
    """What is heard, each with the second in which it was told."""
    listener = Listener(frozenset(tones))
    heard = [
        ((start + _PIECE) / RATE_HZ, event)
        for start in range(0, len(samples), _PIECE)
        for event in listener.take(samples[start : start + _PIECE])
    ]
    return heard + [(len(samples) / RATE_HZ, event) for event in listener.end()]


def keys(kind: str, count: int, **shape: float) -> Keys:
    """``count`` sequences of all 16 keys of that shape."""
    rng = np.random.default_rng(7)
    right = told = 0
    for _ in range(count):
        text = "".join(e.key for _, e in listen(trials.keys(rng, **shape), ["dtmf"]) if isinstance(e, KeyHeard))
        told += len(text)
        right += len(LAYOUT) if text == LAYOUT else sum(text.count(key) == 1 for key in LAYOUT)
    return Keys(kind, count * len(LAYOUT), right, told)


def key_table(count: int) -> list[Keys]:
    """The limits of Q.24 (AT&T's and NTT's columns), one after the other."""
    table = [keys(f"{ms} ms, pause {ms} ms", count, ms=ms, pause_ms=max(ms, 40)) for ms in (40, 50, 100)]
    table += [keys(f"{ms} ms: too short", count, ms=ms) for ms in (20, 23)]
    table += [
        keys(f"{off:+.1%} off, 40 ms, 15 dB above noise", count, off=off, ms=40, snr_db=15) for off in (-0.015, 0.015)
    ]
    table += [keys(f"{off:+.1%} off: refused", count, off=off) for off in (-0.035, 0.035)]
    table += [
        keys(f"twist {twist:+} dB, 40 ms, 15 dB above noise", count, twist_db=twist, ms=40, snr_db=15)
        for twist in (-8, -4, 4)
    ]
    table += [keys(f"twist {twist:+} dB: refused", count, twist_db=twist) for twist in (-12, 8)]
    table += [
        keys(f"{level} dBm0 each, 40 ms, 15 dB above noise", count, low_dbm0=level, twist_db=0, ms=40, snr_db=15)
        for level in (0, -25, -33)
    ]
    table += [keys(f"{level} dBm0 each: refused", count, low_dbm0=level, twist_db=0) for level in (-40, -55)]
    table += [keys(f"50 ms, {snr} dB above noise", count, snr_db=snr) for snr in (20, 15, 12, 10, 8, 6)]
    table += [
        keys(f"{ms} ms, pause {pause} ms, {lost:.0%} of packets lost", count, ms=ms, pause_ms=pause, lost=lost)
        for ms, pause in ((100, 60), (200, 100))
        for lost in (0.01, 0.03, 0.05)
    ]
    return table


def _counted(tone: str, told: list[tuple[list[str], float | None]]) -> Tones:
    right = [latency for names, latency in told if latency is not None and set(names) == {tone}]
    wrong = sum(bool(set(names) - {tone}) for names, _ in told)
    missed = sum(tone not in names for names, _ in told)
    p50, worst = (float(np.median(right)), max(right)) if right else (0.0, 0.0)
    return Tones(tone, len(told), len(right), wrong, missed, round(p50, 2), round(worst, 2))


def _told(samples: Pcm, tone: str, begin_s: float, unit_s: float) -> tuple[list[str], float | None]:
    found = [(at, event.tone) for at, event in listen(samples, DETECTED) if isinstance(event, ToneFound)]
    first = next((at for at, name in found if name == tone), None)
    return [name for _, name in found], None if first is None else (first - begin_s) / unit_s


def tone_table(count: int, greetings: list[Pcm]) -> list[Tones]:
    """Switch tones, beeps and fax tones."""
    rng = np.random.default_rng(8)
    table = []
    for name in PROGRESS:
        told = []
        for _ in range(count):
            samples, cycle_s = trials.switch_tone(rng, name)
            told.append(_told(samples, name, 0.0, cycle_s))
        table.append(_counted(name, told))
    told = []
    for number in range(count):
        samples, end_s = trials.beep(rng, greetings[number % len(greetings)])
        told.append(_told(samples, "beep", end_s, 1.0))
    table.append(_counted("beep", told))
    for name, since_s in (("cng", 0.8), ("ced", 0.3)):
        table.append(_counted(name, [_told(trials.fax(rng, name), name, since_s, 1.0) for _ in range(count)]))
    return table


def false_alarms() -> list[FalseAlarms]:
    """All detectors at once on speech and on the music on hold, as they are and slower and faster."""
    kinds: dict[str, list[Pcm]] = {}
    for kind, clips in trials.speech().items():
        kinds[kind] = list(trials.voices(clips))
    kinds["shipped music on hold"] = list(trials.voices([trials.music()]))
    table = []
    for kind, pieces in kinds.items():
        told = dict.fromkeys(sorted(DETECTED), 0)
        listener = Listener(DETECTED)
        for piece in pieces:
            for event in listener.take(piece):
                name = "dtmf" if isinstance(event, KeyHeard) else event.tone if isinstance(event, ToneFound) else ""
                if name:
                    told[name] += 1
        table.append(FalseAlarms(kind, sum(map(len, pieces)) // RATE_HZ, told))
    return table


def costs() -> list[Cost]:
    """Processor time of looking at speech."""
    talk = np.concatenate([clip for clips in trials.speech().values() for clip in clips])
    talk = talk[np.abs(talk.astype(int)) > 40]  # nobody pauses: the worst case
    rng = np.random.default_rng(9)
    table = []
    for tones in _COST_SETS:
        for legs in (1, 20, 100):
            listeners = [Listener(tones) for _ in range(legs)]
            begins = rng.integers(0, len(talk) - 60 * _PIECE, legs)
            turns = max(10, 200 // legs)
            spent = time.process_time()
            for turn in range(turns):
                listen_all(listeners, [talk[at + turn % 50 * _PIECE :][:_PIECE] for at in begins])
            spent = time.process_time() - spent
            table.append(Cost(" ".join(tones), legs, round(1e6 * spent / turns / legs * RATE_HZ / _PIECE, 1)))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.tones", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--trials", type=int, default=100, help="sequences of keys and trials of each tone")
    arguments = parser.parse_args()
    greetings = trials.speech()["shipped prompts (synthetic Mandarin)"]
    key_results = key_table(max(1, arguments.trials // 4))
    tone_results = tone_table(arguments.trials, greetings)
    alarms, cost_results = false_alarms(), costs()
    if arguments.json:
        machine = {"python": platform.python_version(), "numpy": np.__version__, "cpus": os.cpu_count()}
        parts: dict[str, Sequence[Keys | Tones | FalseAlarms | Cost]] = {
            "keys": key_results,
            "tones": tone_results,
            "false_alarms": alarms,
            "cost": cost_results,
        }
        json.dump(
            {**{name: [asdict(row) for row in rows] for name, rows in parts.items()}, "machine": machine}, sys.stdout
        )
        print()
        return
    _print(key_results, tone_results, alarms, cost_results)


def _print(keys: list[Keys], tones: list[Tones], alarms: list[FalseAlarms], costs: list[Cost]) -> None:
    print("| keys | sent | heard right | told |\n|---|---:|---:|---:|")
    for key in keys:
        print(f"| {key.kind} | {key.sent} | {key.right} | {key.told} |")
    print(
        "\n| tone | trials | right | wrong | missed | told after (p50) | (max) |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for tone in tones:
        unit = "cycles" if tone.tone in PROGRESS and tone.tone != "dial" else "s"
        scale = 2.0 if tone.tone == "dial" else 1.0
        print(
            f"| {tone.tone} | {tone.trials} | {tone.right} | {tone.wrong} | {tone.missed} "
            f"| {tone.latency_p50 * scale:.2f} {unit} | {tone.latency_max * scale:.2f} {unit} |"
        )
    print("\n| false alarms on | seconds | told |\n|---|---:|---|")
    for alarm in alarms:
        told = ", ".join(f"{name} {count}" for name, count in alarm.told.items() if count) or "none"
        print(f"| {alarm.kind} | {alarm.seconds} | {told} |")
    print("\n| listening for | legs at once | µs for a second of one leg |\n|---|---:|---:|")
    for cost in costs:
        print(f"| {cost.tones} | {cost.legs} | {cost.us_per_leg_second:.0f} |")


if __name__ == "__main__":
    main()
