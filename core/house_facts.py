"""What becomes true of the house as a whole."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("config.reloaded")
@dataclass(frozen=True, slots=True)
class ConfigReloaded(Fact):
    """The configuration was read again by wish of ``by``. ``changed`` holds from now on; ``waiting`` only after the
    next start. Keys and names, no values.
    """

    by: str
    changed: tuple[str, ...]
    waiting: tuple[str, ...]
