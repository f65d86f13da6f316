"""Prompt names to files, and numbers to the clips that speak them.

A prompt is named without folder and ending: ``welcome`` is ``welcome.wav`` in the house's own folder where it has
one, else in the assets that ship with the product (their README says where they come from). All are 8 kHz, 16-bit,
mono WAV.
"""

import wave
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.errors import ConfigError
from core.rate import RATE_HZ

ASSETS: Final = Path(__file__).parent / "assets"
_SHIPPED: Final = (ASSETS / "system", ASSETS / "tones")
MAX_NUMBER: Final = 999


class Prompts:
    """The prompts of a house. ``own`` is its folder of replacements and additions, ``handed`` that of recordings which
    people have handed over on the page; None where it has none.
    """

    def __init__(self, own: Path | None = None, shipped: Sequence[Path] = _SHIPPED, handed: Path | None = None) -> None:
        self._folders = tuple(folder for folder in (*shipped[::-1], handed, own) if folder is not None)
        self._files: Mapping[str, Path] = {}
        self.look_again()

    def look_again(self) -> None:
        """Take up what has come into the folders since."""
        self._files = {path.stem: path for folder in self._folders for path in sorted(folder.glob("*.wav"))}

    def names(self) -> frozenset[str]:
        """All prompts there are."""
        return frozenset(self._files)

    def file(self, name: str) -> Path:
        """The file of ``name``; ``ConfigError`` where there is none (``ivr.check`` finds that before a call does)."""
        try:
            return self._files[name]
        except KeyError:
            raise ConfigError(
                [f"prompt {name!r}: no file {name}.wav among the prompts; record it or mend the name"]
            ) from None

    def files(self, names: Iterable[str]) -> tuple[Path, ...]:
        """The files of ``names``, in order."""
        return tuple(self.file(name) for name in names)

    def known(self, names: Iterable[str]) -> tuple[Path, ...]:
        """The files of those of ``names`` that there are: a configuration that was read again may name some that are
        there only after the next start.
        """
        return tuple(self._files[name] for name in names if name in self._files)

    def number(self, value: int) -> tuple[Path, ...]:
        """The clips that speak ``value`` (0 to 999) in Mandarin; ``ValueError`` outside of that."""
        return self.files(number_clips(value))

    def faults(self) -> list[str]:
        """The files that cannot be played, each with what is wrong and how to mend it."""
        return [f"{path}: {fault}" for path in self._files.values() if (fault := wav_fault(path))]


def number_clips(value: int) -> tuple[str, ...]:
    """Names of the clips that speak ``value``: 23 is d2 d10 d3 (二十三), 110 is d1 hundred d1 d10 (一百一十).

    Within a hundred the tens are said with their 一, at the front without it: 10 is 十, 210 is 二百一十. A missing ten
    between hundred and unit is said as 零: 305 is 三百零五.
    """
    if not 0 <= value <= MAX_NUMBER:
        raise ValueError(f"only 0 to {MAX_NUMBER} can be spoken, not {value}")
    if value <= 10:
        return (f"d{value}",)
    hundreds, rest = divmod(value, 100)
    tens, unit = divmod(rest, 10)
    clips: list[str] = []
    if hundreds:
        clips += [f"d{hundreds}", "hundred"]
    if tens:
        if tens > 1 or hundreds:
            clips.append(f"d{tens}")
        clips.append("d10")
    elif hundreds and unit:
        clips.append("d0")
    if unit:
        clips.append(f"d{unit}")
    return tuple(clips)


def wav_fault(path: Path) -> str:
    """Why the file cannot be played, and how to mend it; "" where it can."""
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getframerate(), file.getsampwidth(), file.getnchannels())
            frames = file.getnframes()
    except (wave.Error, EOFError, OSError) as error:
        return f"cannot be read as WAV ({error}); save it as 8 kHz, 16-bit, mono PCM"
    if form != (RATE_HZ, 2, 1):
        rate, width, channels = form
        return f"is {rate} Hz, {8 * width}-bit, {channels} channels; save it as {RATE_HZ} Hz, 16-bit, mono PCM"
    return "" if frames else "is empty; record it again"
