"""What agents may do with their phones, in the configuration: calls to numbers outside, and those passed on there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final

_CODE: Final = re.compile(r"\*[0-9*]{1,7}|")


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """[transfer] where agents may pass calls on to, besides colleagues and our own numbers."""

    trunk: str = ""
    """Numbers outside are called through this trunk or group; "" means that no call is passed on outside."""


@dataclass(frozen=True, slots=True)
class DiallingSettings:
    """[dialling] which numbers outside may be called, and how often in an hour: prefixes ``allowed`` besides those in
    the country, prefixes ``refused``; caps for each agent, and for each allowed prefix (0: none). Agents call outside
    through ``trunk`` (or group; "": they cannot) as ``caller_id`` ("": the trunk's own number), ringing for
    ``ring_timeout_s``; ``record``: whether those talks are recorded.
    """

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    agent_calls_per_hour: int = 60
    prefix_calls_per_hour: int = 30
    trunk: str = ""
    caller_id: str = ""
    ring_timeout_s: float = 60.0
    record: bool = True


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """[features] what an agent dials on his phone to sign in (or be available again), to pause (with the number of the
    reason behind it), to end the pause, to sign out, to end his wrap-up, and as a supervisor to ``listen`` to an agent
    (whose number stands behind it). Calls are parked by a transfer to ``park``, or to one of its ``park_slots`` (1 and
    on behind it), and taken by dialling that; they come back after ``park_timeout_s``. "": not by phone.
    """

    available: str = "*51"
    pause: str = "*52"
    resume: str = "*53"
    sign_out: str = "*54"
    wrap_up_over: str = "*55"
    listen: str = "*56"
    park: str = "*57"
    park_slots: int = 9
    park_timeout_s: float = 120.0


def _code(value: object) -> str | None:
    return None if _CODE.fullmatch(str(value)) else 'must be * and digits, such as "*51", or "" for none'


def _between(low: float, high: float) -> Callable[[object], str | None]:
    return lambda value: (
        None if isinstance(value, int | float) and low <= value <= high else f"must be from {low:g} to {high:g}"
    )


FEATURE_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    **{("features", field.name): _code for field in fields(FeatureSettings) if isinstance(field.default, str)},
    ("features", "park_slots"): _between(1, 99),
    ("features", "park_timeout_s"): _between(5, 3600),
}
"""What each value may be, as ``service.config_checks`` has the others."""
