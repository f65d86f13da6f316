"""Words heard on a call that we made, and what they give away: nothing, or an announcement, a mailbox, an assistant.

Recognisers hear eight kilohertz, often from the middle of the first word, and write right sounds with wrong characters
(您播打的电话以关机). So Chinese phrases are looked for by sound (``asr.phrases.unlike``) and English ones by
letter, anywhere in what was heard, each with as many mistakes as its length bears; of those that fit, the one that
explains most decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
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


def _limit(size: int) -> float:
    """How many mistakes a syllable a Chinese phrase of ``size`` syllables bears: two must be right, of three one may be
    blurred.
    """
    if size <= 2:
        return 0.0
    return 0.09 if size == 3 else 0.2 if size < 8 else 0.25


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
        self._chinese = chinese
        self._latin = latin
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
        marked = not answered or any(phrase.what is None for phrase, _, _ in fits)
        best: tuple[float, GivenAway] | None = None
        for phrase, spot, is_chinese in fits:
            if phrase.what is None or (phrase.short and not marked):
                continue
            explained = phrase.size * (1 - 2 * spot.distance)
            if best is None or explained > best[0]:
                found = GivenAway(phrase.what, phrase.text, spot.distance, spot.end, is_chinese)
                best = (explained, found)
        return best[1] if best is not None else None


def _fitting(phrases: Sequence[_Phrase], spots: Sequence[Spot], *, chinese: bool) -> list[tuple[_Phrase, Spot, bool]]:
    return [
        (phrases[spot.phrase], spot, chinese) for spot in spots if spot.distance <= phrases[spot.phrase].limit + 1e-6
    ]


def _letters(text: str) -> str:
    """The Latin words of ``text`` with one blank between them."""
    return " ".join(_LATIN.findall(normalise(text)))


def spoken_length(text: str) -> int:
    """How long ``text`` takes to say, in syllables or so."""
    han = len(_HAN.findall(normalise(text)))
    return han + round(len(_letters(text)) / _LETTERS_A_SYLLABLE)
