"""What recordings may be kept as, as the configuration names it."""

from typing import Final

FLAC: Final = "flac"
OPUS: Final = "opus"
WAV: Final = "wav"
KEPT_FORMS: Final = (FLAC, OPUS, WAV)
