"""What the configuration says of test calls to our own number."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """[[probe]] test calls to ``number`` through ``trunk``, known by ``caller_id`` when they come back in. ``when`` is
    a cron expression in local time, narrowed to ``hours``; ``keys`` are pressed in the menu, one every
    ``keys_after_s``.
    """

    name: str
    number: str
    trunk: str
    caller_id: str
    when: str
    hours: str = ""
    keys: str = ""
    keys_after_s: float = 6.0
    ring_timeout_s: float = 40.0
    patience_s: float = 120.0
    talk_s: float = 5.0
