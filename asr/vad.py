"""Voice activity: how likely each 32 ms of audio is speech, by the Silero model (MIT) in faster-whisper.

A neural detector rather than an energy threshold, because lines carry hum, music and ringing that are louder than a
quiet caller. The model keeps its state from frame to frame, so live audio and files are treated alike: a few
milliseconds of one core for each second of audio.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from faster_whisper.utils import get_assets_path
from numpy.typing import NDArray

from asr.resample import Upsampler, Wave
from core.audio import RATE_HZ, Pcm

FRAME_SAMPLES: Final = 256
"""Samples of 8 kHz in a frame."""
FRAME_S: Final = FRAME_SAMPLES / RATE_HZ

_WINDOW: Final = 2 * FRAME_SAMPLES
_CONTEXT: Final = 64
_STATE: Final = (1, 1, 128)
_BATCH: Final = 2000
"""Frames in one run of the model: bounds its memory, a minute of audio."""


@lru_cache(maxsize=1)
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    [model] = sorted(Path(get_assets_path()).glob("silero_vad*.onnx"))[-1:]
    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"], sess_options=options)


class VoiceActivity:
    """The detector for one stream."""

    __slots__ = ("_cell", "_hidden", "_pending", "_tail", "_upsampler")

    def __init__(self) -> None:
        self._upsampler = Upsampler()
        self._pending: Wave = np.zeros(0, dtype=np.float32)
        self._tail: Wave = np.zeros(_CONTEXT, dtype=np.float32)
        self._hidden: Wave = np.zeros(_STATE, dtype=np.float32)
        self._cell: Wave = np.zeros(_STATE, dtype=np.float32)

    def accept(self, audio: Pcm) -> list[float]:
        """The probability of speech of each frame that is now complete; frames follow one another without overlap."""
        self._pending = np.concatenate((self._pending, self._upsampler.accept(audio)))
        count = self._pending.size // _WINDOW
        found: list[float] = []
        for first in range(0, count, _BATCH):
            frames = min(_BATCH, count - first)
            found += self._run(self._pending[first * _WINDOW : (first + frames) * _WINDOW])
        self._pending = self._pending[count * _WINDOW :]
        return found

    def _run(self, wave: Wave) -> list[float]:
        windows = wave.reshape(-1, _WINDOW)
        before = np.concatenate((self._tail[np.newaxis], windows[:-1, -_CONTEXT:]))
        self._tail = windows[-1, -_CONTEXT:].copy()
        output, self._hidden, self._cell = _session().run(
            None, {"input": np.concatenate((before, windows), axis=1), "h": self._hidden, "c": self._cell}
        )
        probabilities: NDArray[np.float32] = np.asarray(output, dtype=np.float32).reshape(-1)
        return [float(value) for value in probabilities]


def speech_probabilities(audio: Pcm) -> list[float]:
    """All frames of a whole recording; what is left over at its end counts as one frame."""
    padding = -audio.size % FRAME_SAMPLES
    return VoiceActivity().accept(np.concatenate((audio, np.zeros(padding, dtype=np.int16))))
