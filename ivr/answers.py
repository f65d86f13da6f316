"""What a key or an utterance means at a menu or question. Pure functions; the interpreter decides what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeAlias

from asr.numbers import score
from asr.phrases import nearest
from ivr.flow import Choice, Menu, Question

MAX_EXPECTED: Final = 24
"""Whisper keeps 223 tokens of a prompt, about 35 phrases, and loses the first of more; each one slows it down."""
REPEAT: Final = "*repeat"
"""The name under which repeat phrases compete with the choices; no choice can be called so."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """At a menu: this choice; ``distance`` of speech, 0 for a key."""

    choice: Choice
    distance: float = 0.0


@dataclass(frozen=True, slots=True)
class Number:
    """At a question: this value."""

    value: int


@dataclass(frozen=True, slots=True)
class MoreDigits:
    """At a question: ``digits`` may go on or be the answer."""

    digits: str


@dataclass(frozen=True, slots=True)
class Again:
    """The caller asks to hear it again."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The key says nothing here (a terminator without digits)."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The key or utterance means nothing here."""


Meaning: TypeAlias = Chosen | Number | MoreDigits | Again | Nothing | Wrong


def of_key(node: Menu | Question, digits: str, key: str) -> Meaning:
    """What ``key`` means at ``node`` after ``digits``."""
    if isinstance(node, Menu):
        for choice in node.choices:
            if choice.key == key:
                return Chosen(choice)
        return Again() if key == node.asking.repeat_key else Wrong()
    if key == node.terminator:
        return of_digits(node, digits) if digits else Nothing()
    if not key.isdigit():
        return Again() if key == node.asking.repeat_key else Wrong()
    value = int(digits + key)
    if value and value * 10 <= node.high:
        return MoreDigits(digits + key)
    return of_digits(node, digits + key)


def of_digits(node: Question, digits: str) -> Meaning:
    """What ``digits`` mean when no more will come."""
    value = int(digits)
    return Number(value) if node.low <= value <= node.high else Wrong()


def of_speech(node: Menu | Question, text: str) -> Meaning:
    """What was said, by the nearest phrase or the spoken number; phrases first, because 一般 holds the number 一."""
    match = nearest(text, phrases_of(node))
    if match is not None:
        if match.choice == REPEAT:
            return Again()
        if isinstance(node, Question):
            return Number(int(match.choice))
        return next(Chosen(choice, match.distance) for choice in node.choices if choice.name == match.choice)
    if isinstance(node, Question):
        value = score(text, node.low, node.high)
        if value is not None:
            return Number(value)
    return Wrong()


def phrases_of(node: Menu | Question) -> Mapping[str, tuple[str, ...]]:
    """What may be said at ``node``, by what it means."""
    if isinstance(node, Menu):
        said = {choice.name: choice.phrases for choice in node.choices if choice.phrases}
    else:
        said = dict(node.phrases)
    if node.asking.repeat_phrases:
        said[REPEAT] = node.asking.repeat_phrases
    return said


def takes_speech(node: Menu | Question) -> bool:
    """True where something can be said at ``node``: any menu with phrases, every question."""
    return isinstance(node, Question) or any(choice.phrases for choice in node.choices)


def expected(node: Menu | Question) -> tuple[str, ...]:
    """The phrases that a recogniser should expect at ``node``, numbers as people say them: not more than it can keep in
    mind. Each choice's first phrase comes first, then each one's second, and so on.
    """
    in_turn = zip_longest(*phrases_of(node).values())
    phrases = [phrase for turn in in_turn for phrase in turn if phrase is not None]
    if isinstance(node, Question):
        phrases += [f"{_SPOKEN[value]}分" for value in range(node.low, node.high + 1) if value < len(_SPOKEN)]
    return tuple(dict.fromkeys(phrases))[:MAX_EXPECTED]


_SPOKEN: Final = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
