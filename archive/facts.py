"""What becomes of recordings after their calls."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("recording.kept")
@dataclass(frozen=True, slots=True)
class RecordingKept(Fact):
    """It lies in its final form at ``path`` (relative to the recordings folder): ``keep_as`` flac, opus or wav, of
    ``size`` bytes with ``sha256``; ``pcm_sha256`` is of the samples as recorded; ``key`` names the key ("": not
    sealed).
    """

    recording: str
    path: str
    keep_as: str
    size: int
    sha256: str
    pcm_sha256: str
    key: str = ""


@fact("recording.not_kept")
@dataclass(frozen=True, slots=True)
class RecordingNotKept(Fact):
    """It could not be brought into its final form (the WAV file stays): ``why``; ``final``: it is not tried again."""

    recording: str
    why: str
    final: bool


@fact("recording.held")
@dataclass(frozen=True, slots=True)
class RecordingHeld(Fact):
    """Legal hold: it must not be deleted, says ``by`` (an account), because of ``why``."""

    recording: str
    by: str
    why: str = ""


@fact("recording.released")
@dataclass(frozen=True, slots=True)
class RecordingReleased(Fact):
    """The legal hold was lifted by ``by``."""

    recording: str
    by: str


@fact("recording.deleted")
@dataclass(frozen=True, slots=True)
class RecordingDeleted(Fact):
    """Its sound is gone for ever: ``why`` is retention (it was older than the house keeps them) or wish."""

    recording: str
    by: str
    why: str
