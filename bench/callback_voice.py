"""What it costs to listen to a waiting caller after an offer to call him back.

``python -m bench.callback_voice [--json]``. Each window is followed as a recogniser worker follows it (``asr.stream``),
in this process and on one thread: silence, and the hold music as it comes back from the caller's end at several levels
(an echo), from several places in it. Where speech seems to begin a worker would decode it as well: ``begun`` counts
those windows.
"""

import argparse
import json
import time
from typing import Final

import numpy as np

from asr.stream import LiveStream, SpeechBegan
from core.audio import RATE_HZ, Pcm
from core.tap import TapFrame
from ivr.prompts import Prompts
from service.config_callback import CallbackTerms
from service.journeys.callback_voice import MAX_S

_DATAGRAM: Final = RATE_HZ * 60 // 1000
_WINDOWS: Final = 5
_ECHOES_DB: Final = (-10.0, -20.0, -30.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="cost of listening after an offer to call back")
    parser.add_argument("--json", action="store_true")
    listen_s = CallbackTerms().listen_s
    samples = round(listen_s * RATE_HZ)
    music = _mono("hold_music")
    worlds: dict[str, list[Pcm]] = {"silence": [np.zeros(samples, dtype=np.int16)] * _WINDOWS}
    for level_db in _ECHOES_DB:
        echo = (music * 10 ** (level_db / 20)).astype(np.int16)
        starts = [place * (echo.size - samples) // (_WINDOWS - 1) for place in range(_WINDOWS)]
        worlds[f"music {level_db:g} dB"] = [echo[start : start + samples] for start in starts]
    followed(worlds["silence"][0], listen_s)  # loads the model
    results = {name: _measure(windows, listen_s) for name, windows in worlds.items()}
    if parser.parse_args().json:
        print(json.dumps({"window_s": listen_s, **results}))
        return
    for name, result in results.items():
        print(f"{name:14} {result['cpu_ms']:6.1f} ms of one core for {listen_s:g} s, begun {result['begun']:.0f}")


def _measure(windows: list[Pcm], listen_s: float) -> dict[str, float]:
    began = time.process_time()
    begun = sum(followed(window, listen_s) for window in windows)
    return {"cpu_ms": round((time.process_time() - began) * 1000 / len(windows), 2), "begun": begun}


def followed(window: Pcm, listen_s: float) -> bool:
    """Whether speech seems to begin in ``window``, which is followed to its end."""
    stream, begun = LiveStream(0.0, no_speech_s=listen_s, max_s=MAX_S), False
    for sequence, position in enumerate(range(0, window.size, _DATAGRAM)):
        frame = TapFrame(1, sequence, position, window[position : position + _DATAGRAM])
        begun |= any(isinstance(event, SpeechBegan) for event in stream.accept(frame, position / RATE_HZ))
    return begun


def _mono(prompt: str) -> Pcm:
    data = Prompts().file(prompt).read_bytes()
    return np.frombuffer(data[data.index(b"data") + 8 :], dtype="<i2").astype(np.int16)


if __name__ == "__main__":
    main()
