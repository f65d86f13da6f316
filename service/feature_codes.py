"""Feature codes: what an agent's phone dials that is no call but a wish. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from service.config_links import Places
from service.config_model import Config
from service.config_phones import FeatureSettings


class Feature(StrEnum):
    """What is wished for; the values are the keys of ``[features]``."""

    AVAILABLE = "available"
    PAUSE = "pause"
    RESUME = "resume"
    SIGN_OUT = "sign_out"
    WRAP_UP_OVER = "wrap_up_over"
    LISTEN = "listen"
    PARK = "park"


_WITH_MORE: Final = frozenset({Feature.PAUSE, Feature.LISTEN, Feature.PARK})
"""Digits may stand behind these."""
MARK: Final = "*"
"""Every code begins so."""


@dataclass(frozen=True, slots=True)
class Wish:
    """``feature`` None: a code that there is not. ``more`` are the digits behind the code."""

    feature: Feature | None
    more: str = ""


def codes(settings: FeatureSettings) -> Iterator[tuple[Feature, str]]:
    """Those that are in use."""
    for feature in Feature:
        code = str(getattr(settings, feature.value))
        if code:
            yield feature, code


def wish_of(dialled: str, settings: FeatureSettings) -> Wish | None:
    """What is meant by a number that a phone of ours has dialled; None where it is no code at all."""
    if not dialled.startswith(MARK):
        return None
    for feature, code in codes(settings):
        more = dialled.removeprefix(code)
        if dialled == code or (dialled.startswith(code) and feature in _WITH_MORE):
            return Wish(feature, more)
    return Wish(None)


def check_features(config: Config, at: Places) -> None:
    """Note codes of which one begins another, and numbers of ours that nobody could dial for a code."""
    known = dict(codes(config.features))
    for feature, code in known.items():
        path = ("features", feature.value)
        for other, longer in known.items():
            if other is not feature and longer.startswith(code):
                at.fault(path, f"{code} begins {longer} ({other.value}), so one of them could not be told")
        for number in config.numbers:
            if number.number != MARK and number.number.startswith(code):
                at.fault(path, f"{code} begins the number {number.number}, which phones could not call")
