"""The recognition model of the tests: in ``LINE400_MODELS``, else the shared one, unpacked once into a cache."""

import os
from pathlib import Path

import pytest

from asr import models
from asr.models import Installed, find_model
from tests.shared import need_shared

CACHE = Path.home() / ".cache" / "line400" / "test-models"


def need_whisper() -> Installed:
    """A Whisper base model; where there is none the running test is skipped, with the reason."""
    with pytest.MonkeyPatch.context() as patch:
        if not os.environ.get(models.MODELS_VARIABLE):
            patch.setenv(models.MODELS_VARIABLE, str(need_shared("models")))
        found = find_model(CACHE, "whisper-base-int8") or find_model(CACHE, "whisper-base")
    if found is None:
        pytest.skip("needs a Whisper base model (set LINE400_MODELS to the folder that holds it)")
    return found
