"""Where in what was heard each of many phrases fits best, allowing for wrong, missing and additional sounds.

Approximate string matching with a free beginning and end (Sellers 1980: the edit distance whose first row is zero), of
all phrases at once: they are rows of one matrix, so that a hundred of them cost a few numpy operations for each
syllable of the longest, not a walk in Python through each.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=Hashable)
_MOST_KEPT: Final = 4096
"""Sounds whose likeness to the phrases' is remembered; Mandarin has about 400."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Phrase number ``phrase`` fits with ``distance`` mistakes for each of its sounds (0: as it is), and ends behind
    ``end`` sounds of what was heard.
    """

    phrase: int
    distance: float
    end: int


class Spotter(Generic[T]):
    """Looks for ``phrases``, each a row of sounds; ``unlike`` says how different two sounds are, 0 to 1."""

    def __init__(self, phrases: Sequence[Sequence[T]], unlike: Callable[[T, T], float]) -> None:
        self._unlike = unlike
        self._known = list(dict.fromkeys(sound for phrase in phrases for sound in phrase))
        places = {sound: place for place, sound in enumerate(self._known)}
        self._lengths = np.array([len(phrase) for phrase in phrases], dtype=np.int64)
        longest = max((len(phrase) for phrase in phrases), default=0)
        self._sounds = np.zeros((len(phrases), longest), dtype=np.int64)
        for row, phrase in enumerate(phrases):
            self._sounds[row, : len(phrase)] = [places[sound] for sound in phrase]
        self._columns: dict[T, NDArray[np.float32]] = {}

    def spot(self, heard: Sequence[T]) -> list[Spot]:
        """The best place of each phrase in ``heard``, in the order of the phrases; the first of equal places."""
        if not heard or not self._lengths.size:
            return []
        costs = np.stack([self._column(sound) for sound in heard], axis=1)
        extra = np.arange(len(heard) + 1, dtype=np.float32)
        row: NDArray[np.float32] = np.zeros((self._lengths.size, len(heard) + 1), dtype=np.float32)
        for step in range(self._sounds.shape[1]):
            following = row + 1  # the phrase's sound was not heard
            np.minimum(following[:, 1:], row[:, :-1] + costs[self._sounds[:, step]], out=following[:, 1:])
            following -= extra  # sounds that the phrase has not: one mistake each, from any place before
            np.minimum.accumulate(following, axis=1, out=following)
            following += extra
            row = np.where((self._lengths > step)[:, np.newaxis], following, row)
        ends = row.argmin(axis=1)
        best = row.min(axis=1) / self._lengths
        return [
            Spot(phrase, float(distance), int(end))
            for phrase, (distance, end) in enumerate(zip(best, ends, strict=True))
        ]

    def _column(self, sound: T) -> NDArray[np.float32]:
        column = self._columns.get(sound)
        if column is None:
            column = np.array([self._unlike(sound, known) for known in self._known], dtype=np.float32)
            if len(self._columns) >= _MOST_KEPT:
                self._columns.clear()
            self._columns[sound] = column
        return column
