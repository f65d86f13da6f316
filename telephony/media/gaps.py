"""The silent stretches of a recording that runs, noted from two threads and put together at its end."""

from typing import Final

from core.audio import seconds_of
from telephony.media.port import Gap

MOST_GAPS: Final = 1000
"""A recording with more says of all further ones together where they begin and end."""


class Gaps:
    """In frames of the recording. ``note`` may be called from any thread, the rest when no other notes any more."""

    def __init__(self) -> None:
        self._noted: list[tuple[int, int, str]] = []

    def note(self, start: int, end: int, why: str) -> None:
        """What belongs to ``start`` ≤ frame < ``end`` is missing because of ``why``."""
        noted = self._noted
        if end <= start:
            return
        if noted and noted[-1][2] == why and noted[-1][0] <= start <= noted[-1][1]:
            noted[-1] = (noted[-1][0], max(end, noted[-1][1]), why)
        elif len(noted) < MOST_GAPS:
            noted.append((start, end, why))
        else:
            noted[-1] = (noted[-1][0], end, noted[-1][2])

    def whole(self, frames: int) -> tuple[Gap, ...]:
        """All gaps of a recording of ``frames`` frames, in order, those of one kind that touch as one."""
        merged: list[tuple[int, int, str]] = []
        newest: dict[str, int] = {}  # by kind, where in ``merged``
        for start, end, why in sorted(self._noted):
            end = min(end, frames)  # noqa: PLW2901 - what was to come after the end did not
            if start >= end:
                continue
            at = newest.get(why)
            if at is not None and start <= merged[at][1]:
                merged[at] = (merged[at][0], max(end, merged[at][1]), why)
            else:
                newest[why] = len(merged)
                merged.append((start, end, why))
        return tuple(Gap(seconds_of(start), seconds_of(end), why) for start, end, why in merged)
