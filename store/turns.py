"""How much of a long list goes in at once, and how long others have their turn after it. Pure.

While others write, a piece is what fits in a tenth of a second, and a quarter of its time is theirs. Where nobody has
written for a while, pieces are longer: rows of a list come without order, so each piece touches most pages of an index,
and half as many pieces are half the work. Then a rest comes about once a second. It is as long as a writer of another
process sleeps at most before he looks again (SQLite: a tenth of a second), so that he gets in, and is seen.
"""

from typing import Final

SHARED_S: Final = 0.1
ALONE_S: Final = 0.5
"""A piece takes so long, while others write and while nobody does."""
_QUIET_S: Final = 3.0
_REST: Final = 0.25
_LOOKS_AFTER_S: Final = 0.11
_REST_EVERY_S: Final = 1.0
_TICK_S: Final = 0.001  # of the loop's clock


class Turns:
    """Of one list: ``rows`` is how many go in next, never below ``least`` nor above ``most``."""

    def __init__(self, least: int, most: int) -> None:
        self.rows = least
        self._least = least
        self._most = most
        self._quiet_s = 0.0
        self._worked_s = 0.0

    def after(self, rows: int, took_s: float, *, others: bool) -> float:
        """Seconds to rest after a piece of ``rows`` that took ``took_s``; ``others`` have written since the last."""
        took_s = max(took_s, _TICK_S)
        self._quiet_s = 0.0 if others else self._quiet_s + took_s
        alone = self._quiet_s >= _QUIET_S
        self.rows = min(max(self._least, int(rows * (ALONE_S if alone else SHARED_S) / took_s)), self._most)
        if not alone:
            self._worked_s = 0.0
            return _REST * took_s
        self._worked_s += took_s
        if self._worked_s < _REST_EVERY_S:
            return 0.0
        self._worked_s = 0.0
        return _LOOKS_AFTER_S
