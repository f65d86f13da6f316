"""The house: all that a journey needs, put together once at start (``service.build``) and handed to each call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acd.comfort import Announcer
from acd.distributor import Distributor
from asr.protocol import Ears
from core.clock import Clock
from core.events import Log
from core.ids import Ids
from desk.rating import RatingRules
from ivr.flow import Flow
from ivr.hours import Hours
from ivr.prompts import Prompts
from service.callbacks import Callbacks
from service.callers import Callers
from service.config_phones import DiallingSettings
from service.park import Lot
from service.promised_calls import PromisedCalls
from service.routes import Routes
from service.supervisor import Supervisor
from service.targets import Targets
from service.transfers import Transfers
from service.ways import QueueWays
from telephony.audio import AudioRoom
from telephony.ports import AgentPhones, Alerting, EarlyMedia, LegMover, Outside
from telephony.recorder import Recorder


@dataclass(frozen=True, slots=True)
class House:
    """What journeys work with. ``ratings``: how the queues that ask their callers do it."""

    clock: Clock
    ids: Ids
    log: Log
    tasks: Supervisor
    room: AudioRoom
    recorder: Recorder
    phones: AgentPhones
    distributor: Distributor
    callers: Callers
    announcer: Announcer
    ears: Ears | None
    prompts: Prompts
    hours: Mapping[str, Hours]
    flows: Mapping[str, Flow]
    ratings: Mapping[str, RatingRules]
    routes: Routes
    targets: Targets
    transfers: Transfers
    mover: LegMover
    outside: Outside
    early: EarlyMedia
    alerting: Alerting
    callbacks: Callbacks | None = None
    transfer_trunk: str = ""
    dialling: DiallingSettings = field(default_factory=DiallingSettings)
    """How agents call outside."""
    ring_timeout_s: float = 30.0
    lot: Lot = field(default_factory=Lot)
    """Where calls are parked."""
    ways: Mapping[str, QueueWays] = field(default_factory=dict)
    """By queue."""
    promised: PromisedCalls | None = None
    """Takes down whom a campaign is to call at a time."""

    def hold_music(self) -> tuple[Path, ...]:
        """What a person on hold hears."""
        return tuple(self.announcer.music())
