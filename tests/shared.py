"""Where tests find the shared material (speech, models): ``LINE400_SHARED``, else ``../shared`` of the repository."""

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parent.parent


def shared_path(*parts: str) -> Path | None:
    """The file or folder of that name, or None where it is not on this machine."""
    root = Path(os.environ.get("LINE400_SHARED", _REPOSITORY.parent / "shared"))
    path = root.joinpath(*parts)
    return path if path.exists() else None


def need_shared(*parts: str) -> Path:
    """As ``shared_path``, but the running test is skipped, with the reason, where it is missing."""
    path = shared_path(*parts)
    if path is None:
        pytest.skip(f"needs shared material {'/'.join(parts)} (set LINE400_SHARED)")
    return path
