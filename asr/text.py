"""Text that can be compared: simplified characters, numerals spelled out, no punctuation; and the character error rate.

Recognisers differ in what they write for the same speech: Whisper mixes traditional characters into Mandarin, writes
20万 or 二十万, and puts punctuation where it likes. ``readable`` is for people; ``normalise`` is for comparing only.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from opencc import OpenCC

_DIGITS: Final = "零一二三四五六七八九"
_UNITS: Final = ("", "十", "百", "千")
_YEAR: Final = re.compile(r"\d{4}(?=年)")
_NUMBER: Final = re.compile(r"\d+")
_FULL_WIDTH: Final = {",": "，", "?": "？", "!": "！", ";": "；", ":": "："}
_LATIN_MARK: Final = re.compile(r"(?<=[一-鿿])[,?!;:]")
_LATIN_GAP: Final = re.compile(r"(?<=[a-z]) +(?=[a-z])")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """``text`` with traditional characters turned into simplified ones (OpenCC's phrase tables); the rest as it was."""
    return str(_converter().convert(text))


def readable(text: str) -> str:
    """``simplified``, with full-width punctuation after Chinese characters: how a transcript is shown."""
    return _LATIN_MARK.sub(lambda found: _FULL_WIDTH[found.group()], simplified(text))


def spell_out(number: int) -> str:
    """A cardinal as it is said in Mandarin, 0 to 9999: 20 → 二十, 105 → 一百零五. ``ValueError`` outside that range."""
    if not 0 <= number <= 9999:
        raise ValueError(f"{number} is not between 0 and 9999")
    if number < 10:
        return _DIGITS[number]
    said = ""
    gap = False
    digits = str(number)
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            gap = True
            continue
        said += ("零" if gap and said else "") + _DIGITS[int(digit)] + _UNITS[place]
        gap = False
    return said.removeprefix("一") if 10 <= number < 20 else said


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _numeral(found: re.Match[str]) -> str:
    digits = found.group()
    if len(digits) > 4 or (len(digits) > 1 and digits.startswith("0")):
        return _one_by_one(digits)
    return spell_out(int(digits))


def normalise(text: str) -> str:
    """``text`` as it is said, for comparing: simplified, lower case, numerals as characters, no punctuation or spaces.

    One blank stays between two Latin words, so that English keeps its word borders.
    """
    folded = simplified(unicodedata.normalize("NFKC", text)).lower().replace("'", "")
    folded = _YEAR.sub(lambda found: _one_by_one(found.group()), folded)
    folded = _NUMBER.sub(_numeral, folded)
    kept = "".join(character if character.isalnum() else " " for character in folded)
    kept = re.sub(r" +", " ", kept).strip()
    return "".join(
        character for index, character in enumerate(kept) if character != " " or _LATIN_GAP.match(kept, index)
    )


def edits(reference: str, hypothesis: str) -> int:
    """Insertions, deletions and substitutions of single characters that turn one into the other (Levenshtein)."""
    row = list(range(len(hypothesis) + 1))
    for index, wanted in enumerate(reference, start=1):
        diagonal, row[0] = row[0], index
        for column, got in enumerate(hypothesis, start=1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (wanted != got)),
            )
    return row[-1]


def cer(reference: str, hypothesis: str) -> float:
    """Character error rate after ``normalise``: edits per character of ``reference``; 0 same, may exceed 1.

    For an empty reference: 0 where nothing was heard, else 1.
    """
    wanted = normalise(reference)
    got = normalise(hypothesis)
    if not wanted:
        return 1.0 if got else 0.0
    return edits(wanted, got) / len(wanted)
