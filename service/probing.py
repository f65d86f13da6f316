"""The driver of the answer-rate probe: dials our own number when it is time, and stays on the line like a customer."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, TypeAlias

from campaigns.probe import ProbePlan, ProbeResult, ProbeTrail, next_run
from campaigns.probe_facts import ProbeBegun, ProbeCame, ProbeEnded
from core.bus import Bus
from core.clock import Clock
from core.errors import CallRejected, LegEnded, LocalProtocolError, TransactionTimeout, Unavailable
from core.events import Event, Log
from core.ids import Ids
from service.supervisor import Supervisor
from telephony import causes
from telephony.call import Call
from telephony.ports import EndReason, Leg, LegEnd, Outside

_log = logging.getLogger("line400.service")
_LONGEST_SLEEP_S: Final = 60.0
"""So often the clock is looked at again: it may be set, and the configuration may change."""
_LATE_S: Final = 90.0
"""A moment that is so long past (the machine slept) is passed over."""
Press: TypeAlias = Callable[[str, str], Awaitable[None]]
"""Sends keys to the far end of a leg, by its id."""
_RESULT_OF: Final[Mapping[int, ProbeResult]] = {486: ProbeResult.BUSY, 600: ProbeResult.BUSY}


@dataclass(frozen=True, slots=True)
class ProbeRooms:
    """What a probe needs of the house."""

    outside: Outside
    press: Press
    log: Log
    bus: Bus
    clock: Clock
    ids: Ids
    tasks: Supervisor
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class _Probe:
    """One run of a plan, with its call as we dialled it; ``told`` is set when ``trail`` has learnt something."""

    plan: ProbePlan
    run: str
    by: str
    call: Call
    trail: ProbeTrail
    told: asyncio.Event

    def see(self, event: Event) -> None:
        """What becomes true in the house meanwhile."""
        if self.trail.see(event):
            self.told.set()


class Prober:
    """Runs each plan when it is due; never two runs of one plan at a time."""

    def __init__(self, plans: Mapping[str, ProbePlan], rooms: ProbeRooms) -> None:
        self._plans = plans
        self._rooms = rooms
        self._running: set[str] = set()
        self._held = False

    @property
    def plans(self) -> Mapping[str, ProbePlan]:
        """What is probed, by name."""
        return self._plans

    def change(self, plans: Mapping[str, ProbePlan]) -> None:
        """These hold from now on; runs that are under way go on."""
        self._plans = plans

    def hold(self) -> None:
        """The house is being stopped: no run begins any more."""
        self._held = True

    def due(self, name: str) -> float | None:
        """When the plan's next run is due (epoch seconds)."""
        return next_run(self._plans[name], self._rooms.clock.now(), self._rooms.zone)

    async def run(self) -> None:
        """Begin each run at its time, until cancelled."""
        clock, looked_at = self._rooms.clock, self._rooms.clock.now()
        while True:
            now = clock.now()
            for plan in self._plans.values():
                at = next_run(plan, max(looked_at, now - _LATE_S), self._rooms.zone)
                if at is not None and at <= now and plan.name not in self._running and not self._held:
                    self._begin(plan, "")
            looked_at = now
            moments = [next_run(plan, now, self._rooms.zone) for plan in self._plans.values()]
            soonest = min((at for at in moments if at is not None), default=now + _LONGEST_SLEEP_S)
            await asyncio.sleep(min(max(soonest - now, 0.0) + 0.05, _LONGEST_SLEEP_S))

    def start(self, name: str, by: str) -> str:
        """Begin a run now, by wish of ``by``; its id. ``LocalProtocolError`` where there is no such probe, or it is
        under way.
        """
        plan = self._plans.get(name)
        if plan is None:
            raise LocalProtocolError(f"there is no [[probe]] named {name!r} in the configuration")
        if name in self._running or self._held:
            raise LocalProtocolError(f"probe {name!r} is on the line already" if not self._held else "going down")
        return self._begin(plan, by)

    def _begin(self, plan: ProbePlan, by: str) -> str:
        run = self._rooms.ids.new("probe")
        self._running.add(plan.name)
        self._rooms.tasks.spawn(f"probe {plan.name}", self._call(plan, run, by))
        return run

    async def _call(self, plan: ProbePlan, run: str, by: str) -> None:
        rooms = self._rooms
        probe = _Probe(plan, run, by, Call(rooms.ids.new("call"), rooms.log), ProbeTrail(plan), asyncio.Event())
        unsubscribe = rooms.bus.subscribe(probe.see)
        ended = ProbeEnded(run, plan.name, ProbeResult.INTERRUPTED)
        rooms.log.post(probe.call.id, ProbeBegun(run, plan.name, plan.trunk, by))
        probe.call.started(direction="outbound", ani=plan.caller_id, dnis=plan.number, trunk=plan.trunk)
        try:
            ended = await self._probe(probe)
        finally:
            unsubscribe()
            self._running.discard(plan.name)
            probe.call.ended(EndReason.INTERRUPTED, by="system")
            rooms.log.post(probe.call.id, ended)

    async def _probe(self, probe: "_Probe") -> ProbeEnded:
        """From the first ring to the end of the line; what came of it."""
        clock, plan, trail, call = self._rooms.clock, probe.plan, probe.trail, probe.call
        dialled_at = clock.now()
        leg = await self._reach(probe)
        if isinstance(leg, ProbeEnded):
            return leg
        greeted_at = clock.now()
        call.answered()
        try:
            await self._stay(probe, leg)
        finally:
            gone = leg.end is not None and not leg.end.by_us
            over_at = clock.now()
            await leg.hang_up()
            call.ended(EndReason.NORMAL, by="customer" if gone else "system")
        return ProbeEnded(
            probe.run,
            plan.name,
            trail.result(gone=gone),
            greeted_at - dialled_at,
            trail.menu_s(greeted_at, over_at),
            trail.wait_s(over_at),
            queue=trail.queue,
            agent=trail.agent,
            inbound=trail.inbound,
        )

    async def _reach(self, probe: "_Probe") -> Leg | ProbeEnded:
        """The line that has answered, or why none did."""
        plan, call, status = probe.plan, probe.call, 0
        try:
            return await self._dial(plan, call.id, probe.by)
        except CallRejected as refusal:
            result, status = _RESULT_OF.get(refusal.status, ProbeResult.REFUSED), refusal.status
            call.ended(causes.verdict(status, refusal.cause), by="system", status=status)
        except TransactionTimeout as error:
            result = ProbeResult.NO_ANSWER
            _log.warning("probe %s: %s", plan.name, error)
            call.ended(EndReason.NO_ANSWER, by="system")
        except Unavailable as error:
            result = ProbeResult.FAILED
            _log.warning("probe %s: %s", plan.name, error)
            call.ended(EndReason.UNAVAILABLE, by="system")
        return ProbeEnded(probe.run, plan.name, result, inbound=probe.trail.inbound, status=status)

    async def _dial(self, plan: ProbePlan, call_id: str, by: str) -> Leg:
        return await self._rooms.outside.dial(
            plan.number,
            call_id,
            trunk=plan.trunk,
            caller_id=plan.caller_id,
            timeout_s=plan.ring_timeout_s,
            by=by,
        )

    async def _stay(self, probe: "_Probe", leg: Leg) -> None:
        """Press keys and wait for an agent, as long as the line does not hang up."""
        plan = probe.plan
        pressing = asyncio.ensure_future(self._press(plan, leg))
        ended = asyncio.ensure_future(leg.wait_ended())
        try:
            async with asyncio.timeout(plan.patience_s):
                await self._until_taken(probe, ended)
            if probe.trail.taken_at is not None:
                await asyncio.wait({ended}, timeout=plan.talk_s)
        except TimeoutError:
            pass
        finally:
            for task in (pressing, ended):
                task.cancel()
            await asyncio.gather(pressing, ended, return_exceptions=True)

    async def _until_taken(self, probe: "_Probe", ended: "asyncio.Task[LegEnd]") -> None:
        """Until an agent has it, or the line is over; our own end of the call is told as soon as it is known."""
        trail, known = probe.trail, False
        while not ended.done() and trail.taken_at is None:
            if trail.inbound and not known:
                known = True
                self._rooms.log.post(trail.inbound, ProbeCame(probe.run, probe.plan.name))
            probe.told.clear()
            hearing = asyncio.ensure_future(probe.told.wait())
            try:
                await asyncio.wait({ended, hearing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                hearing.cancel()

    async def _press(self, plan: ProbePlan, leg: Leg) -> None:
        with contextlib.suppress(LegEnded, Unavailable):
            for key in plan.keys:
                await asyncio.sleep(plan.keys_after_s)
                if leg.end is not None:
                    return
                await self._rooms.press(leg.id, key)
