"""Words heard on a call that we made, and what they give away: nothing, or an announcement, a mailbox, an assistant.

Recognisers hear eight kilohertz, often from the middle of the first word, and write right sounds with wrong characters
(您播打的电话以关机). So Chinese phrases are looked for by sound (``asr.phrases.unlike``) and English ones by
letter, anywhere in what was heard, each with as many mistakes as its length bears; of those that fit, the one that
explains most decides. What tells 已关机 from 已停机 are few sounds at the end of a long phrase, which may not even have
been said yet: those few (the short phrase that is in the long one) must have been heard by themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from asr.phrases import Syllable, syllables, unlike
from asr.progress.announcements import Announcements
from asr.progress.spotting import Spot, Spotter
from asr.progress.verdict import What
from asr.text import normalise

MOST_HEARD: Final = 160
"""Characters: older words are forgotten."""
_LETTER_LIMIT: Final = 0.12
_LETTERS_A_SYLLABLE: Final = 3.0
_ROUNDING: Final = 1e-6
_CORE_COUNTS: Final = 6.0
"""Mistakes in the deciding words count so much, in syllables."""
_LEAST_CORE: Final = 2.5
_DOUBTFUL: Final = 0.25
_AHEAD: Final = 1.0
"""With so many mistakes in its deciding words a phrase must be so far ahead of any that means something else."""
_LATIN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")
_HAN: Final = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class GivenAway:
    """``phrase`` was heard (``distance`` mistakes for each of its sounds), and means ``what``. ``end`` counts the
    sounds of the text up to its end; ``chinese``: syllables, else letters and blanks.
    """

    what: What
    phrase: str
    distance: float
    end: int
    chinese: bool = True


@dataclass(frozen=True, slots=True)
class _Phrase:
    what: What | None
    """None: a marker."""
    text: str
    short: bool
    size: float
    limit: float
    core: int = -1
    """The short phrase in it, by its number; -1: it has none."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """A phrase that was heard; ``core``: mistakes a sound of its deciding words; ``explained``: syllables, less some
    for mistakes.
    """

    phrase: _Phrase
    spot: Spot
    chinese: bool
    core: float
    explained: float


def _limit(size: int) -> float:
    """How many mistakes a syllable a Chinese phrase of ``size`` syllables bears: two must be right, of three one may be
    blurred, of four two.
    """
    if size <= 2:
        return 0.0
    return 0.09 if size == 3 else 0.14 if size == 4 else 0.2 if size < 8 else 0.25


def _core_limit(size: int) -> float:
    """How many mistakes a syllable the deciding words of a longer phrase bear, with that phrase around them."""
    return 0.13 if size < _LEAST_CORE else 0.34 if size == 3 else 0.14 if size == 4 else 0.2


def _letter_unlike(one: str, other: str) -> float:
    return 0.0 if one == other else 1.0


class Words:
    """What ``announcements`` make of words. Needs the dictionaries of ``asr.pinyin``, which take a while to load."""

    def __init__(self, announcements: Announcements) -> None:
        chinese: list[_Phrase] = []
        latin: list[_Phrase] = []
        listed: list[tuple[What | None, str, bool]] = [(None, marker, False) for marker in announcements.markers]
        for each in announcements.announcements:
            listed += [(each.what, text, False) for text in each.phrases]
            listed += [(each.what, text, True) for text in each.short]
        for what, text, short in listed:
            if _HAN.search(text):
                size = len(syllables(text))
                chinese.append(_Phrase(what, text, short, float(size), _limit(size)))
            else:
                size = len(_letters(text))
                latin.append(_Phrase(what, text, short, size / _LETTERS_A_SYLLABLE, _LETTER_LIMIT))
        self._chinese = _with_cores(chinese)
        self._latin = _with_cores(latin)
        self._by_sound: Spotter[Syllable] = Spotter([syllables(each.text) for each in chinese], unlike)
        self._by_letter: Spotter[str] = Spotter([_letters(each.text) for each in latin], _letter_unlike)

    def give_away(self, text: str, *, answered: bool) -> GivenAway | None:
        """What ``text`` gives away. Where the call was ``answered`` it might be a person who speaks: then short phrases
        count only beside words that none but a network says.
        """
        text = text[-MOST_HEARD:]
        fits = _fitting(self._chinese, self._by_sound.spot(syllables(text)), chinese=True)
        letters = _letters(text)
        if letters:
            fits += _fitting(self._latin, self._by_letter.spot(letters), chinese=False)
        marked = not answered or any(fit.phrase.what is None for fit in fits)
        best: _Fit | None = None
        rival: _Fit | None = None
        for fit in sorted(fits, key=lambda each: -each.explained):
            if fit.phrase.what is None or (fit.phrase.short and not marked):
                continue
            if best is None:
                best = fit
            elif fit.phrase.what is not best.phrase.what:
                rival = fit
                break
        if best is None or best.phrase.what is None:
            return None
        if best.core > _DOUBTFUL and rival is not None and best.explained - rival.explained < _AHEAD:
            return None
        phrase, spot = best.phrase, best.spot
        return GivenAway(best.phrase.what, phrase.text, spot.distance, spot.end, best.chinese)


def _with_cores(phrases: Sequence[_Phrase]) -> list[_Phrase]:
    """Each with the shortest short phrase of the same meaning that is in it, of three syllables if there is one."""
    found = []
    for phrase in phrases:
        inside = [
            (each.size < _LEAST_CORE, each.size, number)
            for number, each in enumerate(phrases)
            if each.short and each.what is phrase.what and each.text in phrase.text
        ]
        found.append(replace(phrase, core=min(inside)[2]) if inside and not phrase.short else phrase)
    return found


def _fitting(phrases: Sequence[_Phrase], spots: Sequence[Spot], *, chinese: bool) -> list[_Fit]:
    fits = []
    for spot in spots:
        phrase = phrases[spot.phrase]
        if spot.distance > phrase.limit + _ROUNDING:
            continue
        core = 0.0
        if phrase.core >= 0:
            core = spots[phrase.core].distance
            limit = _core_limit(round(phrases[phrase.core].size)) if chinese else _LETTER_LIMIT
            if core > limit + _ROUNDING:
                continue
        explained = phrase.size * (1 - 2 * spot.distance) - _CORE_COUNTS * core
        fits.append(_Fit(phrase, spot, chinese, core, explained))
    return fits


def _letters(text: str) -> str:
    """The Latin words of ``text`` with one blank between them."""
    return " ".join(_LATIN.findall(normalise(text)))


def spoken_length(text: str) -> int:
    """How long ``text`` takes to say, in syllables or so."""
    han = len(_HAN.findall(normalise(text)))
    return han + round(len(_letters(text)) / _LETTERS_A_SYLLABLE)
