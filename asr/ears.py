"""The control process's side of recognition: a pool of recogniser worker processes as ``Ears`` and ``Transcriber``."""

from collections.abc import Sequence
from pathlib import Path

from asr.protocol import Listening, Transcript
from core.errors import Unavailable


class RecogniserPool:
    """Starts recogniser workers, hands live utterances and recordings to them and replaces those that die or hang."""

    def __init__(
        self,
        engine_name: str,
        model_path: Path,
        *,
        live_workers: int = 1,
        batch_workers: int = 1,
        bind_host: str = "127.0.0.1",
    ) -> None:
        self._engine_name = engine_name
        self._model_path = model_path
        self._live_workers = live_workers
        self._batch_workers = batch_workers
        self._bind_host = bind_host

    async def start(self) -> None:
        """Start the workers."""
        raise Unavailable("no recogniser")

    async def close(self) -> None:
        """End the workers."""

    async def listen(self, phrases: Sequence[str], *, no_speech_s: float, max_s: float) -> Listening:
        """See ``asr.protocol.Ears.listen``."""
        raise Unavailable("no recogniser")

    async def transcribe(self, path: Path, speakers: tuple[str, str]) -> Transcript:
        """See ``asr.protocol.Transcriber.transcribe``."""
        raise Unavailable("no recogniser")
