"""``line400 weekly``: the report of a week by hand."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli import app

CONFIG = '[[agent]]\nid = "8001"\npassword = "k7Fq2mWz9pLx"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "line400.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def weekly(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["weekly", *arguments])


def test_where_it_is_wanted_or_into_the_folder(home: Path) -> None:
    result = weekly("--week", "2026-W20", "--html", "w.html", "--pdf", "w.pdf")
    assert result.exit_code == 0 and result.stdout.split() == ["w.html", "w.pdf"]
    assert "客服周报 2026-W20" in (home / "w.html").read_text("utf-8")
    assert (home / "w.pdf").read_bytes()[:5] == b"%PDF-"
    assert weekly("--week", "2026-W20").exit_code == 0
    assert sorted(path.suffix for path in (home / "var" / "reports").iterdir()) == [".html", ".pdf", ".txt"]


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        (("--week", "soon"), 1, "is no week"),
        (("--week", "2899-W01"), 1, "2899-W01 has not begun"),
        (("--mail",), 2, "nobody to send to"),
        (("--html", "missing/w.html"), 1, "missing"),
    ],
)
def test_what_cannot_be_is_told(home: Path, wrong: tuple[str, ...], code: int, said: str) -> None:
    result = weekly(*wrong)
    assert result.exit_code == code and said in result.stderr
