"""A caller is parked: he hears music until somebody takes him; after a while he comes back to who parked him."""

import asyncio
import contextlib

from acd.phone_facts import CallParked, ParkEnded
from core.errors import LegEnded, Unavailable
from service.house import House
from service.journeys.ringing import Inside, beside, ring_agent
from service.journeys.seats import taken_seat
from service.journeys.verdict import Verdict
from service.park import Parked, Parking, Taker
from telephony.ports import Leg


async def parked(leg: Leg, parking: Parking, number: str, house: House) -> Inside | None:
    """Who talks with him next: whoever takes him, or else who parked him; None where neither does. ``number`` is shown
    on their phones. The caller's own end cancels this.
    """
    place = house.lot.enter(parking, leg.call_id)
    if place is None:
        return await _returned(leg, parking.by, number, house)
    began, how, who = house.clock.now(), "abandoned", ""
    house.log.post(leg.call_id, CallParked(place.slot, place.by))
    try:
        inside = await _taken(leg, place, number, house)
        if inside is not None:
            how = "taken"
        else:
            inside = await _returned(leg, place.by, number, house)
            how = "returned" if inside is not None else "nobody"
        who = inside.agent if inside is not None else ""
        return inside
    finally:
        house.lot.leave(place)
        for late in place.left_over():
            if late.leg is not None:
                house.tasks.spawn(f"hang up {late.leg.id}", late.leg.hang_up())
        lasted_s = round(house.clock.now() - began, 3)
        house.log.post(leg.call_id, ParkEnded(place.slot, how, who, lasted_s))


async def _taken(leg: Leg, place: Parked, number: str, house: House) -> Inside | None:
    """Whoever has come to take him within the time."""
    loop = asyncio.get_running_loop()
    until = loop.time() + house.lot.settings.park_timeout_s
    while (left_s := until - loop.time()) > 0:
        async with beside(lambda: _music(leg, house)):
            try:
                async with asyncio.timeout(left_s):
                    taker = await place.takers.get()
            except TimeoutError:
                return None
        inside = await _comes(taker, leg, number, house)
        if inside is not None:
            return inside
    return None


async def _comes(taker: Taker, leg: Leg, number: str, house: House) -> Inside | None:
    """The one who wants him, on a leg of the caller's call."""
    if taker.leg is None:
        rung = await ring_agent(taker.agent, leg.call_id, number, house, lambda: _music(leg, house))
        return None if isinstance(rung, Verdict) else rung
    seat = taken_seat(taker.agent, leg.call_id, house)
    own: Leg | None = None
    try:
        own = await house.mover.move(taker.leg, leg.call_id, when_moved=_nothing, role="agent")
        return Inside(own, taker.agent, seat=seat)
    except (LegEnded, Unavailable):
        return None
    finally:
        if own is None:
            seat.leave()
            await taker.leg.hang_up()


async def _returned(leg: Leg, agent: str, number: str, house: House) -> Inside | None:
    """Who parked him, if he answers."""
    if not agent:
        return None
    rung = await ring_agent(agent, leg.call_id, number, house, lambda: _music(leg, house))
    return None if isinstance(rung, Verdict) else rung


async def _music(leg: Leg, house: House) -> None:
    with contextlib.suppress(LegEnded, Unavailable):
        await leg.play(house.hold_music(), loop=True)


def _nothing() -> None:
    """His phone changes calls; nobody need be told."""
