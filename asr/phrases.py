"""The nearest of a menu's phrases to what was heard, by sound, or none: a wrong choice is worse than asking again.

A recogniser that hears eight kilohertz writes the right sounds with the wrong characters (旧车制换 for 旧车置换), so
phrases are compared as toneless pinyin syllables. Sounds that lines and accents blur (zh/z, n/l, ing/in, …) count as a
quarter of a mistake. A phrase may also be a part of a longer sentence; there it must fit more closely, must be at least
two syllables long, and must not be negated (我不要投诉 does not choose 投诉).

The mistake count is divided by the phrase's length in syllables: 0 sounds the same, 1 nothing alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from asr.pinyin import halves
from asr.text import normalise

INSIDE_LIMIT: Final = 0.2
"""How unlike a phrase inside a longer sentence may be; a whole utterance may go to ``limit``."""

_BLURRED_INITIALS: Final = (
    frozenset(pair)
    for pair in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("h", "f"), ("r", "l"), ("zh", "ch"), ("b", "p"),
                 ("d", "t"), ("g", "k"), ("j", "q"), ("j", "zh"), ("q", "ch"), ("x", "sh"))
)  # fmt: skip
_BLURRED_FINALS: Final = (
    frozenset(pair)
    for pair in (("an", "ang"), ("en", "eng"), ("in", "ing"), ("ian", "iang"), ("uan", "uang"), ("ong", "eng"),
                 ("uen", "ong"), ("uan", "van"), ("ei", "uei"), ("e", "uo"))
)  # fmt: skip
_BLURRED: Final = frozenset(_BLURRED_INITIALS) | frozenset(_BLURRED_FINALS)
_BLUR_COST: Final = 0.25
_HALF_COST: Final = 0.6
"""One half of the syllable is right, the other is quite another sound."""

_FILLERS_BEFORE: Final = (
    "你好",
    "您好",
    "喂",
    "那个",
    "嗯",
    "呃",
    "啊",
    "我想要",
    "我要",
    "我想",
    "帮我",
    "麻烦",
    "请",
    "给我",
)
_FILLERS_AFTER: Final = ("谢谢", "一下", "吧", "呢", "啊", "呀", "了", "吗", "的")
_NEGATIONS: Final = frozenset("不没别甭")
_NEGATION_REACH: Final = 3


@dataclass(frozen=True, slots=True)
class Match:
    """``choice`` was meant: it sounds most like its ``phrase``; ``distance`` 0 the same, up to the limit."""

    choice: str
    phrase: str
    distance: float


@dataclass(frozen=True, slots=True)
class Syllable:
    """A toneless syllable: ``initial`` may be empty; Latin letters are one syllable with the letters as ``final``."""

    initial: str
    final: str


@lru_cache(maxsize=2048)
def syllables(text: str) -> tuple[Syllable, ...]:
    """``text`` as toneless syllables, one for each Chinese character (or run of Latin letters)."""
    plain = normalise(text).replace(" ", "")
    return tuple(Syllable(initial, final) for initial, final in halves(plain))


@lru_cache(maxsize=16384)
def unlike(one: Syllable, other: Syllable) -> float:
    """How different two syllables sound, 0 to 1."""
    if one == other:
        return 0.0
    if one.final == other.final:
        return _BLUR_COST if frozenset((one.initial, other.initial)) in _BLURRED else _HALF_COST
    if one.initial == other.initial and one.initial:
        return _BLUR_COST if frozenset((one.final, other.final)) in _BLURRED else _HALF_COST
    blurred = frozenset((one.initial, other.initial)) in _BLURRED and frozenset((one.final, other.final)) in _BLURRED
    return 2 * _BLUR_COST if blurred else 1.0


def distance(heard: Sequence[Syllable], phrase: Sequence[Syllable]) -> float:
    """Edit distance of two whole utterances over the longer one's length, 0 to 1."""
    longest = max(len(heard), len(phrase))
    if not longest:
        return 0.0
    row = [float(column) for column in range(len(phrase) + 1)]
    for index, got in enumerate(heard, start=1):
        diagonal, row[0] = row[0], float(index)
        for column, wanted in enumerate(phrase, start=1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1.0, row[column - 1] + 1.0, diagonal + unlike(got, wanted)),
            )
    return row[-1] / longest


def _inside(heard: Sequence[Syllable], phrase: Sequence[Syllable]) -> tuple[float, int]:
    """The closest stretch of as many syllables as ``phrase`` has: mean difference and where it begins."""
    span = len(phrase)
    best = (1.0, 0)
    for start in range(len(heard) - span + 1):
        mean = sum(map(unlike, heard[start : start + span], phrase)) / span
        if mean < best[0]:
            best = (mean, start)
    return best


def _negated(text: str, start: int, phrase: str) -> bool:
    """Whether a negation stands shortly before ``start``; A-not-A questions (是不是, 要不要) are no negation."""
    if any(character in _NEGATIONS for character in phrase):
        return False
    for place in range(max(0, start - _NEGATION_REACH), start):
        asks = 0 < place < len(text) - 1 and text[place - 1] == text[place + 1]
        if text[place] in _NEGATIONS and not asks:
            return True
    return False


def _stripped(text: str) -> str:
    """``text`` without the words of politeness and hesitation around the matter."""
    changed = True
    while changed:
        changed = False
        for filler in _FILLERS_BEFORE:
            if text.startswith(filler) and len(text) > len(filler):
                text, changed = text.removeprefix(filler), True
        for filler in _FILLERS_AFTER:
            if text.endswith(filler) and len(text) > len(filler):
                text, changed = text.removesuffix(filler), True
    return text


@dataclass(frozen=True, slots=True)
class _Candidate:
    match: Match
    explained: float
    """Syllables of the utterance that the phrase accounts for, less two for each that it gets wrong."""


def _candidates(heard: str, choice: str, phrase: str, limit: float) -> list[_Candidate]:
    said = syllables(heard)
    wanted = syllables(phrase)
    if not said or not wanted:
        return []
    whole = min(distance(said, wanted), distance(syllables(_stripped(heard)), wanted))
    found: list[_Candidate] = []
    size = len(wanted)
    if whole <= limit:
        found.append(_Candidate(Match(choice, phrase, whole), size * (1 - 2 * whole)))
    if 2 <= size < len(said):
        inside, start = _inside(said, wanted)
        if inside <= min(limit, INSIDE_LIMIT) and not _negated(heard, start, phrase):
            found.append(_Candidate(Match(choice, phrase, inside), size * (1 - 2 * inside)))
    return found


def nearest(heard: str, choices: Mapping[str, Sequence[str]], *, limit: float = 0.4) -> Match | None:
    """The choice whose phrase sounds most like ``heard``, or None.

    ``choices`` maps each choice to the phrases that mean it. None where nothing is nearer than ``limit`` (0 to 1),
    or where two different choices fit equally well: then the caller is asked again rather than sent astray.
    """
    plain = normalise(heard).replace(" ", "")
    found = [
        candidate
        for choice, phrases in choices.items()
        for phrase in phrases
        for candidate in _candidates(plain, choice, phrase, limit)
    ]
    if not found:
        return None
    found.sort(key=lambda candidate: (-candidate.explained, candidate.match.distance))
    best = found[0]
    for other in found[1:]:
        if other.match.choice != best.match.choice:
            same = abs(other.explained - best.explained) < 1e-9 and other.match.distance == best.match.distance
            return None if same else best.match
    return best.match
