"""Where the numbers of China lie: the place of the longest beginning that is known. Pure; ``service.number_places`` has
the beginnings. 130,000 of them take 0.8 MB, and a look-up 3 µs.
"""

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

_CHINA: Final = "+86"
_OF_PROVINCE: Final = re.compile("省|(?:维吾尔|壮族|回族)?自治区")
_PROVINCE: Final = re.compile(r"内蒙古|黑龙江|\w\w")


def short_place(name: str) -> str:
    """``name`` with the bare name of its province, as the data has it now with and now without 省 and 自治区:
    新疆维吾尔自治区乌鲁木齐市 is 新疆乌鲁木齐市, 云南省昆明市 is 云南昆明市.
    """
    return _OF_PROVINCE.sub("", name.strip(), count=1)


@dataclass(frozen=True, slots=True)
class _Block:
    """Beginnings of one length, sorted, each with the index of its place."""

    length: int
    beginnings: "array[int]"
    places: "array[int]"


@dataclass(frozen=True, slots=True, eq=False)
class PlaceTable:
    """The ``names`` of places, and the beginnings of numbers that lie there."""

    names: tuple[str, ...]
    _blocks: tuple[_Block, ...]

    @classmethod
    def of(cls, places: Mapping[str, str]) -> Self:
        """From the place of each beginning, which is written without +86 and does not begin with 0."""
        names = tuple(sorted({short_place(name) for name in places.values()}))
        index = {name: at for at, name in enumerate(names)}
        by_length: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for beginning, name in places.items():
            by_length[len(beginning)].append((int(beginning), index[short_place(name)]))
        blocks = []
        for length in sorted(by_length, reverse=True):
            known = sorted(by_length[length])
            blocks.append(_Block(length, array("I", [it for it, _ in known]), array("H", [at for _, at in known])))
        return cls(names, tuple(blocks))

    def place(self, number: str) -> str:
        """Where ``number`` (in the form of ``core.numbers``) lies: 广东深圳市; "" where that is not known."""
        digits = number.removeprefix(_CHINA)
        if digits == number or not (digits.isascii() and digits.isdigit()):
            return ""
        for block in self._blocks:
            wanted = int(digits[: block.length])
            at = bisect_left(block.beginnings, wanted)
            if at < len(block.beginnings) and block.beginnings[at] == wanted and len(digits) >= block.length:
                return self.names[block.places[at]]
        return ""

    @property
    def provinces(self) -> tuple[str, ...]:
        """How the names begin: 上海, 云南, 内蒙古 …"""
        return tuple(sorted({found.group() for name in self.names if (found := _PROVINCE.match(name))}))

    def has(self, beginning: str) -> bool:
        """Whether the name of any place begins so."""
        return any(name.startswith(beginning) for name in self.names)
