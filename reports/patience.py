"""How long callers would wait, from how long they did."""

from typing import Final

import numpy as np

from reports.columns import ABANDONED, CODE, Entries

FEWEST: Final = 10
"""With fewer callers who hung up patience is not estimated."""


def mean_patience_s(entries: Entries) -> float | None:
    """The likeliest mean of exponential patience: all time spent waiting / callers who hung up. Who was answered, or
    left otherwise, would have waited longer; his wait counts as time only. None where too few hung up.
    """
    hung_up = int(np.count_nonzero(entries.outcomes == CODE[ABANDONED]))
    waited_s = float(np.nansum(entries.waits))
    return waited_s / hung_up if hung_up >= FEWEST and waited_s > 0 else None
