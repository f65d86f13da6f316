"""The part of a journey in which the caller and an agent talk, recorded if wanted."""

from core.errors import LegEnded, Unavailable
from service.house import House
from service.journeys.verdict import Verdict, of_leg
from telephony.audio import Recording
from telephony.bridge import Parties, Talk


async def talk(parties: Parties, house: House, *, record: bool) -> Verdict:
    """Join the two until the agent's leg ends (the result says how) or the caller's does (this is then cancelled, or
    raises ``LegEnded``).
    """
    call_id = parties.outside.call_id
    recording: Recording | None = None
    try:
        if record:
            recording = await _start_recording(parties, house)
        end = await Talk(house.room, house.log, house.clock, house.hold_music()).run(parties)
        return of_leg(end, "agent")
    except LegEnded:
        if parties.inside.end is None:
            raise
        return of_leg(parties.inside.end, "agent")  # he was gone before the two were joined
    finally:
        house.tasks.spawn(f"hang up {parties.inside.id}", parties.inside.hang_up())
        if recording is not None:
            house.tasks.spawn(f"finish {recording.id}", _finish(house, call_id, recording))


async def _start_recording(parties: Parties, house: House) -> Recording | None:
    try:
        return await house.recorder.start(
            parties.outside.call_id, parties.outside.id, parties.inside.id, roles=("caller", "agent")
        )
    except Unavailable:
        return None  # the recorder has raised the alarm; the talk matters more


async def _finish(house: House, call_id: str, recording: Recording) -> None:
    await house.recorder.finish(call_id, recording)
