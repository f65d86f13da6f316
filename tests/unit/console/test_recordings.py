"""Which recording is meant, whether its file may be sent, and why there is no transcript."""

from pathlib import Path

import pytest

from console.api.recordings import no_transcript
from console.problems import Problem
from console.recordings import file_inside, pick_recording
from console.views import CallDetail, RecordingView, TranscriptState
from tests.unit.console import day

FIRST, SECOND = (RecordingView(name, "caller", "agent", day.NOW, 10.0) for name in ("r-1", "r-2"))


def detail(*recordings: RecordingView) -> CallDetail:
    return CallDetail(day.morning()[0][0], [], [], list(recordings), [])


def test_the_first_recording_unless_one_is_named() -> None:
    assert pick_recording(detail(FIRST, SECOND), "") is FIRST
    assert pick_recording(detail(FIRST, SECOND), "r-2") is SECOND


def test_a_missing_recording_says_what_to_do() -> None:
    with pytest.raises(Problem) as unknown:
        pick_recording(detail(FIRST), "r-9")
    assert (unknown.value.status, unknown.value.code) == (404, "no_such")
    with pytest.raises(Problem) as none:
        pick_recording(detail(), "")
    assert none.value.code == "no_recording" and "[[number]] record = true" in none.value.mend


def test_only_files_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    (folder / "2026").mkdir(parents=True)
    sound, secret = folder / "2026" / "a.wav", tmp_path / "secret.wav"
    sound.write_bytes(b"sound")
    secret.write_bytes(b"not for you")
    (folder / "link.wav").symlink_to(secret)
    assert file_inside(folder, Path("2026/a.wav")) == sound
    assert file_inside(folder, sound) == sound
    for wrong in (None, Path("gone.wav"), Path("../secret.wav"), secret, Path("link.wav"), Path("2026"), Path()):
        with pytest.raises(Problem) as refused:
            file_inside(folder, wrong)
        assert (refused.value.status, refused.value.code) == (404, "file_gone")


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("failed", 404, "transcript_failed"),
        ("none", 404, "no_transcript"),
        ("pending", 409, "transcript_pending"),
    ],
)
def test_why_there_is_no_transcript(state: TranscriptState, status: int, code: str) -> None:
    problem = no_transcript(RecordingView("r-1", "caller", "agent", day.NOW, 10.0, transcript=state, why="no words"))
    assert (problem.status, problem.code) == (status, code)
    assert ("no words" in problem.title) == (state == "failed")
