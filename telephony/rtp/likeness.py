"""Where in a sound a short piece of it comes back: the search behind concealment and changes of speed."""

from typing import Final

import numpy as np

from telephony.rtp.fade import Sound

_QUIET: Final = 1.0
"""Energy that keeps digital silence from being like anything."""


def most_like(template: Sound, field: Sound) -> tuple[int, float]:
    """Where ``template`` fits best into ``field`` (as long or longer), and the correlation there, 0 to 1."""
    size = len(template)
    products = np.correlate(field, template, mode="valid")
    sums = np.cumsum(field * field, dtype=np.float64)
    energy = sums[size - 1 :].copy()
    energy[1:] -= sums[:-size]
    scores = products / np.sqrt((energy + _QUIET) * (float(template @ template) + _QUIET))
    place = int(scores.argmax())
    return place, min(1.0, max(0.0, float(scores[place])))
