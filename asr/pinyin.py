"""How Chinese characters sound, by ``pypinyin``. Its dictionaries take half a second to load: with recognisers that is
done at the start (``load``), without them never, and never in the middle of a call.
"""

from functools import lru_cache
from types import ModuleType


@lru_cache(maxsize=1)
def load() -> ModuleType:
    """Have the dictionaries at hand from now on."""
    import pypinyin  # noqa: PLC0415 - see the head of this file

    return pypinyin


def toneless(text: str) -> list[str]:
    """A syllable for each character, as it sounds in its word, and one for each run of anything else."""
    found: list[str] = load().lazy_pinyin(text)
    return found


def halves(text: str) -> list[tuple[str, str]]:
    """Initial and final of each syllable of ``toneless``; an initial may be empty."""
    pypinyin = load()
    initials = pypinyin.lazy_pinyin(text, style=pypinyin.Style.INITIALS, strict=True)
    finals = pypinyin.lazy_pinyin(text, style=pypinyin.Style.FINALS, strict=True)
    return list(zip(initials, finals, strict=True))
