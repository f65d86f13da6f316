import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Unavailable
from service.lock import only_one

REPOSITORY = Path(__file__).resolve().parents[3]

HOLD = """
import sys
from pathlib import Path
from service.lock import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with only_one(tmp_path / "var"):
        with pytest.raises(Unavailable, match="another `line400 serve`"), only_one(tmp_path / "var"):
            raise AssertionError("must not be reached")
        with only_one(tmp_path / "other"):
            pass
    with only_one(tmp_path / "var"):
        pass


def test_a_killed_service_leaves_no_lock_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Unavailable), only_one(tmp_path):
            raise AssertionError("must not be reached")
        holder.kill()
        holder.wait()
        with only_one(tmp_path):
            pass
