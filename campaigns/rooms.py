"""What campaigns need of the rest of the house, in one value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from asr.protocol import Ears
from campaigns.ports import ContactStore, Listener
from campaigns.rules.values import Rules
from campaigns.turns import Turns
from core.clock import Clock
from core.events import Log
from core.ids import Ids
from ivr.hours import Hours
from ivr.prompts import Prompts
from telephony.ports import Outside


@dataclass(frozen=True, slots=True)
class Rooms:
    """``ears`` None: surveys by keys alone; ``listener`` None: whatever answers is taken for a person; ``rules`` gives
    those that hold at the moment; ``turns`` are those of all campaigns.
    """

    outside: Outside
    store: ContactStore
    log: Log
    clock: Clock
    ids: Ids
    prompts: Prompts
    ears: Ears | None
    hours: Mapping[str, Hours]
    listener: Listener | None = None
    rules: Callable[[], Rules] = Rules
    turns: Turns = field(default_factory=Turns)
