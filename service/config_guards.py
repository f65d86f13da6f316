"""Limits and lists of [security] and [dialling] that guard nothing, or more than is meant."""

from typing import Final

from service.config_links import Places
from service.config_model import Config

SHORTEST_LOCKOUT_S: Final = 60.0
SMALLEST_BURST: Final = 10.0
"""A phone that starts asks several things at once."""


def check_guards(config: Config, at: Places) -> None:
    """Warn of them."""
    security, dialling = config.security, config.dialling
    if security.lockout_max_s < SHORTEST_LOCKOUT_S:
        a_day = round(86_400 / security.lockout_max_s)
        at.warn(
            ("security", "lockout_max_s"),
            f"lets whoever guesses passwords try {a_day:,} a day for each phone; write {SHORTEST_LOCKOUT_S:g} at least",
        )
    if security.burst < SMALLEST_BURST:
        at.warn(
            ("security", "burst"),
            f"drops requests of phones that start, which ask several things at once; write {SMALLEST_BURST:g} at least",
        )
    for place, entry in enumerate(dialling.allowed):
        if entry == "00":
            at.warn(
                ("dialling", "allowed", place),
                "00 is every country of the world, which is what those who break into phone systems look for; name "
                'the countries that are called: "+852", "0044"',
            )
        if entry in dialling.refused:
            at.warn(("dialling", "allowed", place), f"{entry} is in refused too, which decides; take it out of one")
    for place, entry in enumerate(dialling.refused):
        if entry == "00":
            at.warn(
                ("dialling", "refused", place),
                "00 is every country, this one too: nobody outside could be called. Without a word here no other "
                "country is called anyway",
            )
