"""Fetches the pages' libraries with the npm client, checks them, and keeps the few files that the pages load.

``python -m console.vendor`` checks the files in ``pages/vendor`` against ``versions.json``; with ``--fetch`` it gets
the packages first and refuses what has another SHA-256 than is written there; ``--fetch --accept`` writes new hashes
down (after a version was changed in ``versions.json`` on purpose). Only this script needs npm: the files are in the
repository.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

FOLDER: Final = Path(__file__).parent / "pages" / "vendor"
MANIFEST: Final = FOLDER / "versions.json"
_LARGEST: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """File ``source`` of ``package`` at ``version``, kept as ``target`` with ``sha256`` ("" not yet known)."""

    package: str
    version: str
    source: str
    target: str
    sha256: str


def read_manifest(path: Path = MANIFEST) -> list[VendoredFile]:
    """What ``versions.json`` names: {package: {version, licence, files: {target: {source, sha256}}}}."""
    packages = cast("dict[str, dict[str, object]]", json.loads(path.read_text("utf-8")))
    found = []
    for package, entry in packages.items():
        files = cast("dict[str, dict[str, str]]", entry["files"])
        for target, file in files.items():
            found.append(VendoredFile(package, str(entry["version"]), file["source"], target, file.get("sha256", "")))
    return found


def write_hashes(files: list[VendoredFile], path: Path = MANIFEST) -> None:
    """Write the hashes of ``files`` into ``versions.json``."""
    packages = cast("dict[str, dict[str, object]]", json.loads(path.read_text("utf-8")))
    for file in files:
        entries = cast("dict[str, dict[str, str]]", packages[file.package]["files"])
        entries[file.target]["sha256"] = file.sha256
    path.write_text(json.dumps(packages, indent=2, ensure_ascii=False) + "\n", "utf-8")


def faults(files: list[VendoredFile], folder: Path = FOLDER) -> Iterator[str]:
    """What is wrong with the kept files, in words; nothing where all is well."""
    for file in files:
        path = folder / file.target
        if not path.is_file():
            yield f"{file.target}: missing; run python -m console.vendor --fetch"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
            yield f"{file.target}: is not the file of {file.package} {file.version} that versions.json names"


def fetch(files: list[VendoredFile], *, accept: bool) -> list[VendoredFile]:
    """Get the packages by ``npm pack`` and keep the files; ``ValueError`` on a wrong hash unless ``accept``."""
    kept = []
    with tempfile.TemporaryDirectory() as scratch:
        for package, version in sorted({(file.package, file.version) for file in files}):
            archive = _pack(f"{package}@{version}", Path(scratch))
            with tarfile.open(archive) as opened:
                for file in files:
                    if file.package == package:
                        kept.append(_keep(opened, file, accept=accept))
    return kept


def _pack(what: str, scratch: Path) -> Path:
    command = ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", str(scratch), what]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    return scratch / str(answer[0]["filename"])


def _keep(archive: tarfile.TarFile, file: VendoredFile, *, accept: bool) -> VendoredFile:
    member = archive.extractfile(f"package/{file.source}")
    if member is None:
        raise ValueError(f"{file.package} {file.version} has no file {file.source}")
    body = member.read(_LARGEST)
    digest = hashlib.sha256(body).hexdigest()
    if digest != file.sha256 and not accept:
        raise ValueError(f"{file.package} {file.version} {file.source}: SHA-256 {digest}, expected {file.sha256}")
    target = FOLDER / file.target
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    return VendoredFile(file.package, file.version, file.source, file.target, digest)


def main() -> int:
    """The command line; 0 where every file is what it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fetch", action="store_true", help="get the packages with the npm client first")
    parser.add_argument("--accept", action="store_true", help="with --fetch: write down the hashes of what came")
    asked = parser.parse_args()
    files = read_manifest()
    if asked.fetch:
        try:
            files = fetch(files, accept=asked.accept)
        except (ValueError, KeyError, OSError, subprocess.CalledProcessError) as error:
            print(f"vendor: {error}", file=sys.stderr)
            return 1
        write_hashes(files)
    wrong = list(faults(files))
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        size = sum((FOLDER / file.target).stat().st_size for file in files)
        print(f"{len(files)} files, {size / 1e6:.1f} MB, all as versions.json says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
