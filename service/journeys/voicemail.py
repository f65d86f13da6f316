"""Leaving a message: the beep, the recording, the thanks."""

import asyncio
from typing import Final

from ivr.facts import VoicemailLeft
from service.house import House
from service.journeys.verdict import FINISHED, Verdict
from telephony.ports import Leg
from telephony.recording import Recording

LONGEST_S: Final = 180.0
"""A message is cut here."""
END_KEY: Final = "#"


async def voicemail(leg: Leg, box: str, house: House) -> Verdict:
    """Record until the caller presses # or hangs up (this is then cancelled, the message kept), three minutes at most.

    The prompt that asks for the message belongs to the flow; ``Unavailable`` where nothing can be recorded.
    """
    await leg.play(house.prompts.files(["beep"]))
    recording = await house.recorder.start(leg.call_id, leg.id, "", roles=("caller", "system"))
    try:
        leg.clear_digits()
        async with asyncio.timeout(LONGEST_S):
            while await leg.next_digit() != END_KEY:
                pass
    except TimeoutError:
        pass
    finally:
        house.tasks.spawn(f"finish {recording.id}", _finish(house, leg.call_id, recording, box))
    await leg.play(house.prompts.files(["message_saved"]))
    return FINISHED


async def _finish(house: House, call_id: str, recording: Recording, box: str) -> None:
    duration_s = await house.recorder.finish(call_id, recording)
    house.log.post(call_id, VoicemailLeft(recording.id, box, duration_s))
