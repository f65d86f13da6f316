"""The pages' libraries are the ones that versions.json names, with their licences, and small."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from console import vendor


def test_every_file_is_as_written_down() -> None:
    files = vendor.read_manifest()
    assert list(vendor.faults(files)) == []
    kept = {path.relative_to(vendor.FOLDER).as_posix() for path in vendor.FOLDER.rglob("*") if path.is_file()}
    assert kept == {file.target for file in files} | {"versions.json"}
    assert sum((vendor.FOLDER / name).stat().st_size for name in kept) < 6_000_000
    for package in {file.package for file in files}:
        assert any(file.target.startswith("licences/") for file in files if file.package == package)


def test_a_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    file = vendor.VendoredFile("vue", "3", "dist/vue.js", "vue.js", "0" * 64)
    assert "missing" in next(vendor.faults([file], tmp_path))
    (tmp_path / "vue.js").write_text("something else")
    assert "is not the file of vue 3" in next(vendor.faults([file], tmp_path))


def test_a_package_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "vue-3.tgz"
    with tarfile.open(archive, "w:gz") as made:
        entry = tarfile.TarInfo("package/dist/vue.js")
        entry.size = 4
        made.addfile(entry, io.BytesIO(b"evil"))
    monkeypatch.setattr(vendor, "_pack", lambda what, scratch: archive)
    monkeypatch.setattr(vendor, "FOLDER", tmp_path / "kept")
    file = vendor.VendoredFile("vue", "3", "dist/vue.js", "vue.js", "0" * 64)
    with pytest.raises(ValueError, match="expected 0000"):
        vendor.fetch([file], accept=False)
    assert not (tmp_path / "kept").exists()
    [kept] = vendor.fetch([file], accept=True)
    assert kept == replace(file, sha256=kept.sha256) and list(vendor.faults([kept], tmp_path / "kept")) == []
