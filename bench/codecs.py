"""What codecs cost: processor time for each 20 ms packet, and for a call whose two legs do not share a codec.

``python -m bench.codecs [--json] [--packets N]``. One thread, speech-like sound, the rates that the engine uses: decode
to 8 kHz, encode from 8 kHz. Processor time is counted, and the least of several runs is given: other load can only add
to it.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np

from bench.codecs_engine import core_pct
from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from telephony.media.codecs import Law, audio_codec, transcoding
from telephony.rtp.formats import FORMATS
from telephony.sound.resample import Resampler

_RUNS = 7
_WHOLE_RUNS = 3
_PACKETS_PER_S = 50


@dataclass(frozen=True, slots=True)
class CodecCost:
    """``bytes`` of an average payload; the rest µs of processor time for 20 ms, with the resampling."""

    codec: str
    bytes: float
    decode_us: float
    encode_us: float
    conceal_us: float | None


@dataclass(frozen=True, slots=True)
class ResampleCost:
    """µs for 20 ms."""

    from_hz: int
    to_hz: int
    us: float


@dataclass(frozen=True, slots=True)
class CallCost:
    """Two legs, both directions: ``codecs_core_pct`` of one processor for the codecs alone, ``engine_core_pct`` for all
    that the engine does for a bridged and recorded call, without the kernel's work.
    """

    left: str
    right: str
    how: str
    codecs_core_pct: float
    engine_core_pct: float


def speechlike(packets: int) -> Pcm:
    """A voiced sound whose pitch and loudness wander, with some noise: nothing that an encoder gets for nothing."""
    time_s = np.arange(packets * FRAME_SAMPLES) / RATE_HZ
    pitch = np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.7 * time_s)) / RATE_HZ
    harmonics = sum(np.sin(2 * np.pi * number * pitch) / number for number in range(1, 20))
    loudness = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * time_s)
    noise = np.random.default_rng(400).standard_normal(len(time_s))
    return np.asarray(4000 * loudness * harmonics + 200 * noise, np.float64).clip(-32768, 32767).astype(np.int16)


def least_us(run: Callable[[], int]) -> float:
    """µs of processor time for each of the steps that ``run`` says it has done; the least of several runs."""
    costs: list[float] = []
    for _ in range(_RUNS):
        began = time.process_time_ns()
        steps = run()
        costs.append((time.process_time_ns() - began) / 1000 / steps)
    return min(costs)


def cost_of(name: str, frames: list[Pcm]) -> CodecCost:
    """Codec ``name`` over ``frames`` of 20 ms at 8 kHz."""
    codec = audio_codec(name)
    encoder = codec.encoder()
    payloads = [encoder.encode(frame) for frame in frames]
    decoder = codec.decoder()

    def encode() -> int:
        for frame in frames:
            encoder.encode(frame)
        return len(frames)

    def decode() -> int:
        for payload in payloads:
            decoder.decode(payload)
        return len(payloads)

    def conceal() -> int:
        for payload in payloads[::10]:
            decoder.decode(payload)
            decoder.conceal(20)
        return len(payloads[::10])

    decode_us = least_us(decode)
    return CodecCost(
        name,
        round(sum(map(len, payloads)) / len(payloads), 1),
        round(decode_us, 2),
        round(least_us(encode), 2),
        round(least_us(conceal) - decode_us, 1) if decoder.conceal(20) is not None else None,
    )


def resampling(frames: list[Pcm]) -> list[ResampleCost]:
    """Every change of rate that happens."""
    costs: list[ResampleCost] = []
    for from_hz, to_hz in ((8000, 16000), (16000, 8000), (8000, 48000), (48000, 8000), (16000, 48000), (48000, 16000)):
        source = Resampler(8000, from_hz)
        given = [source.feed(frame) for frame in frames]
        resampler = Resampler(from_hz, to_hz)

        def run(resampler: Resampler = resampler, given: list[Pcm] = given) -> int:
            for frame in given:
                resampler.feed(frame)
            return len(given)

        costs.append(ResampleCost(from_hz, to_hz, round(least_us(run), 2)))
    return costs


def calls(costs: list[CodecCost], frames: list[Pcm]) -> list[CallCost]:
    """Every pair of codecs: decoded and encoded on the tick, but for the two laws, which a table joins."""
    of = {cost.codec: cost for cost in costs}
    found = [CallCost(name, name, "relayed", 0.0, _whole(name, name, frames)) for name in of]
    for left, right in combinations(of, 2):
        table = _table(left, right)
        if table is not None:
            payloads = [bytes(frame.astype(np.uint8)) for frame in frames]

            def run(payloads: list[bytes] = payloads, table: bytes = table) -> int:
                for payload in payloads:
                    payload.translate(table)
                return len(payloads)

            pair_us, how = 2 * least_us(run), "table"
        else:
            pair_us = of[left].decode_us + of[right].encode_us + of[right].decode_us + of[left].encode_us
            how = "decoded"
        alone = round(pair_us * _PACKETS_PER_S / 1e6 * 100, 3)
        found.append(CallCost(left, right, how, alone, _whole(left, right, frames)))
    return found


def _whole(left: str, right: str, frames: list[Pcm]) -> float:
    return round(min(core_pct(left, right, frames) for _ in range(_WHOLE_RUNS)), 3)


def _table(left: str, right: str) -> bytes | None:
    one, other = audio_codec(left), audio_codec(right)
    return transcoding(one, other) if isinstance(one, Law) and isinstance(other, Law) else None


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What codecs cost.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--packets", type=int, default=500, help="packets of 20 ms in each run (500)")
    options = parser.parse_args()
    if "OPENBLAS_NUM_THREADS" not in os.environ:  # as media workers run
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "bench.codecs", *sys.argv[1:]], environment)
    frames = np.split(speechlike(options.packets), options.packets)
    costs = [cost_of(name, frames) for name in FORMATS]
    rates = resampling(frames)
    pairs = calls(costs, frames)
    if options.json:
        json.dump(
            {
                "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "cpu": platform.machine()},
                "codecs": [asdict(cost) for cost in costs],
                "resample": [asdict(cost) for cost in rates],
                "calls": [asdict(cost) for cost in pairs],
            },
            sys.stdout,
            indent=2,
        )
        print()
        return 0
    print("codec   bytes  decode µs  encode µs  conceal µs   (per 20 ms, to and from 8 kHz)")
    for cost in costs:
        conceal = "-" if cost.conceal_us is None else f"{cost.conceal_us:.1f}"
        print(f"{cost.codec:6} {cost.bytes:6.1f} {cost.decode_us:10.1f} {cost.encode_us:10.1f} {conceal:>11}")
    print("\nresampling          µs per 20 ms")
    for rate in rates:
        print(f"{rate.from_hz:6} → {rate.to_hz:6} {rate.us:10.1f}")
    print("\ncall                      % of a core: codecs alone, the engine with a recording (without the kernel)")
    for pair in pairs:
        numbers = f"{pair.codecs_core_pct:8.3f} {pair.engine_core_pct:8.3f}"
        print(f"{pair.left + ' – ' + pair.right:16} {pair.how:8} {numbers}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
