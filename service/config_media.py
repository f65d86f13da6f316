"""What the configuration says of voice: where it goes, who listens to it, and how it is kept."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """[media] RTP. ``workers`` 0 means one per core but one, -1 none here; ``remote`` names media hosts elsewhere as
    ``host:port``, once for each worker wanted there.
    """

    host: str = "0.0.0.0"
    advertised: str = ""
    port_min: int = 20000
    port_max: int = 29999
    workers: int = 0
    remote: tuple[str, ...] = ()
    remote_secret: Path | None = None
    silent_s: float = 30.0


@dataclass(frozen=True, slots=True)
class AsrSettings:
    """[asr] recognition. ``model`` is a name of ``line400 models list``, a path, or "" for the best one installed."""

    enabled: bool = True
    model: str = ""
    models_folder: Path | None = None
    live_workers: int = 1
    batch_workers: int = 1
    what_answered: str = "all"
    """What campaigns listen to, to tell machines from people: "all", "early" (before the answer) or "off"."""
    announcements: Path | None = None
    """A file with announcements of one's own, beside the shipped ones."""


@dataclass(frozen=True, slots=True)
class RecordingSettings:
    """[recording] ``folder`` None means ``recordings`` below the data folder. ``keep_as`` is "flac", "opus" or "wav";
    after ``keep_days`` recordings are deleted unless they are held (0: never). ``encrypt`` seals them with the key in
    ``key_file`` (None: ``recordings.key`` in the data folder), which is made on first use.
    """

    folder: Path | None = None
    keep_as: str = "flac"
    keep_days: int = 0
    encrypt: bool = False
    key_file: Path | None = None
