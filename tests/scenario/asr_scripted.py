"""An engine for tests of real worker processes. What it does is the name of its "model":

echo says 转人工; hang never returns; crash ends the process; crash-once does so while no file ``crashed`` lies
beside it; slow takes half a second.
"""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from asr.protocol import Final, Hypothesis, Word
from core.audio import Pcm, seconds_of


class ScriptedRecogniser:
    def __init__(self, model: Path) -> None:
        self._model = model
        self._samples = 0

    def accept(self, audio: Pcm) -> Sequence[Hypothesis]:
        self._samples += audio.size
        return ()

    def finish(self) -> Sequence[Hypothesis]:
        marker = self._model.with_name("crashed")
        if self._model.name == "hang":
            threading.Event().wait()
        if self._model.name == "crash" or (self._model.name == "crash-once" and not marker.exists()):
            marker.touch()
            os._exit(9)
        if self._model.name == "slow":
            time.sleep(0.5)
        return (Final("转人工", (Word("转人工", 0.0, seconds_of(self._samples)),)),)


class ScriptedEngine:
    def __init__(self, model: Path) -> None:
        self._model = model

    @property
    def name(self) -> str:
        return f"scripted/{self._model.name}"

    @property
    def streaming(self) -> bool:
        return False

    def recogniser(self, phrases: Sequence[str] = ()) -> ScriptedRecogniser:
        return ScriptedRecogniser(self._model)


def make(model: Path) -> ScriptedEngine:
    return ScriptedEngine(model)
