"""What a key or an utterance means at a menu or question. Pure functions; the interpreter decides what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeAlias

from asr.agreement import yes_no
from asr.numbers import score
from asr.phrases import Match, nearest
from asr.places import place
from asr.quantities import quantity
from ivr.flow import Choice, Kind, Menu, Question
from ivr.form import Given, check_answer, question_at

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
    given = check_answer(question_at(node), digits)
    return Number(int(given.value)) if isinstance(given, Given) else Wrong()


def of_speech(node: Menu | Question, text: str) -> Meaning:
    """What was said, by the nearest phrase, or what is understood of its kind; phrases first, as 一般 holds 一."""
    match = nearest(text, phrases_of(node))
    if match is not None and _contradicted(node, match, text):
        return Wrong()
    if match is not None:
        if match.choice == REPEAT:
            return Again()
        if isinstance(node, Question):
            return Number(int(match.choice))
        return next(Chosen(choice, match.distance) for choice in node.choices if choice.name == match.choice)
    return _by_kind(node, text)


def _contradicted(node: Menu | Question, match: Match, text: str) -> bool:
    """没有讲 sounds much like 有讲: where yes and no are one syllable apart, both ways of hearing must agree."""
    if not isinstance(node, Menu) or node.kind is not Kind.YES_NO or not match.distance:
        return False
    agreed = yes_no(text)
    return agreed is not None and match.choice == ("no" if agreed else "yes")


def _by_kind(node: Menu | Question, text: str) -> Meaning:
    """What is understood without a phrase of the file."""
    match node:
        case Menu(kind=Kind.YES_NO):
            agreed = yes_no(text)
            name = "" if agreed is None else "yes" if agreed else "no"
            return next((Chosen(choice) for choice in node.choices if choice.name == name), Wrong())
        case Menu(kind=Kind.CHOICE):
            return _by_place(node, text)
        case Menu():
            return Wrong()
        case Question(kind=Kind.NUMBER):
            value = quantity(text, node.low, node.high, node.unit.zh)
        case Question():
            value = score(text, node.low, node.high)
    return Number(value) if value is not None else Wrong()


def _by_place(node: Menu, text: str) -> Meaning:
    """第二个 is the second in the order of the file; 二, or 按二, is the one with that key."""
    at = place(text, len(node.choices))
    if at is not None:
        return Chosen(node.choices[at - 1])
    key = score(text, 0, 9)
    return next((Chosen(choice) for choice in node.choices if choice.key == str(key)), Wrong())


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
    """True where something can be said at ``node``: any menu with phrases, every question of a form, when to be
    called.
    """
    if isinstance(node, Question) or node.kind is not None or node.asking.call_again:
        return True
    return any(choice.phrases for choice in node.choices)


def expected(node: Menu | Question) -> tuple[str, ...]:
    """The phrases that a recogniser should expect at ``node``, numbers as people say them: not more than it can keep in
    mind. Each choice's first phrase comes first, then each one's second, and so on.
    """
    in_turn = zip_longest(*phrases_of(node).values())
    phrases = [phrase for turn in in_turn for phrase in turn if phrase is not None]
    match node:
        case Menu(kind=Kind.YES_NO):
            phrases += _AGREEMENT
        case Menu(kind=Kind.CHOICE):
            phrases += [f"第{_SPOKEN[at]}个" for at in range(1, min(len(node.choices), 10) + 1)]
        case Question(kind=Kind.NUMBER, unit=unit) if unit.zh:
            phrases.append(unit.zh)
        case Question(kind=Kind.SCALE | Kind.NPS):
            phrases += [f"{_SPOKEN[value]}分" for value in range(node.low, node.high + 1) if value < len(_SPOKEN)]
    return tuple(dict.fromkeys(phrases))[:MAX_EXPECTED]


_AGREEMENT: Final = ("是的", "不是", "有", "没有", "对", "不对")
_SPOKEN: Final = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")
