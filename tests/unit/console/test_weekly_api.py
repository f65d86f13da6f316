"""Weekly reports over HTTP: what was written is listed and handed out, to those who may."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

Bearer = Callable[[str], dict[str, str]]
PAPERS = "/api/v1/reports/weekly"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "line400-2026-W45.html").write_text("<h1>客服周报</h1>", encoding="utf-8")
    (folder / "line400-2026-W45.pdf").write_bytes(b"%PDF-1.4 45")
    (folder / "line400-2026-W45.txt").write_text("客服周报 2026-W45：接通率 77.8 %\n\nmore", encoding="utf-8")
    (folder / "line400-2026-W46.pdf").write_bytes(b"%PDF-1.4 46")
    for stranger in ("line400-2026-W99.html", "line400-2026W44.html", "line400-secret.pdf", "notes.pdf"):
        (folder / stranger).write_bytes(b"not for you")
    return folder


def test_what_was_written_is_listed_the_newest_first(client: TestClient, bearer: Bearer, folder: Path) -> None:
    papers = client.get(PAPERS, headers=bearer("boss")).json()
    assert [(paper["week"], paper["kinds"], paper["headline"]) for paper in papers] == [
        ("2026-W46", ["pdf"], ""),
        ("2026-W45", ["html", "pdf"], "客服周报 2026-W45：接通率 77.8 %"),
    ]
    assert (papers[1]["monday"], papers[1]["sunday"]) == ("2026-11-02", "2026-11-08")
    assert papers[0]["made_at"] == (folder / "line400-2026-W46.pdf").stat().st_mtime


def test_nothing_was_written(client: TestClient, bearer: Bearer) -> None:
    assert client.get(PAPERS, headers=bearer("admin")).json() == []


def test_it_is_opened_without_scripts_and_kept(client: TestClient, bearer: Bearer, folder: Path) -> None:
    boss = bearer("boss")
    page = client.get(f"{PAPERS}/2026-W45.html", headers=boss)
    assert (page.status_code, page.text) == (200, "<h1>客服周报</h1>")
    assert page.headers["content-disposition"].startswith("inline")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    kept = client.get(f"{PAPERS}/2026-W46.pdf?download=1", headers=boss)
    assert (kept.content, kept.headers["content-type"]) == (b"%PDF-1.4 46", "application/pdf")
    assert kept.headers["content-disposition"] == 'attachment; filename="line400-2026-W46.pdf"'


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("wang", "", 403),
        ("guest", "", 403),
        ("wang", "/2026-W45.html", 403),
        ("boss", "/2026-W46.html", 404),
        ("boss", "/2026-W99.html", 422),
        ("boss", "/secret.pdf", 422),
        ("boss", "/2026-W45.txt", 422),
        ("boss", "/..%2F..%2Fsecret.wav", 404),
    ],
)
def test_who_may_not_and_what_there_is_not(
    client: TestClient, bearer: Bearer, folder: Path, who: str, path: str, status: int
) -> None:
    assert client.get(f"{PAPERS}{path}", headers=bearer(who)).status_code == status


def test_who_is_nobody_sees_nothing(client: TestClient, folder: Path) -> None:
    assert client.get(f"{PAPERS}/2026-W45.html").status_code == 401
