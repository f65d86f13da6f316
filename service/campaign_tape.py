"""Surveys on record, where a campaign's calls are to be recorded."""

import contextlib
from collections.abc import AsyncIterator

from campaigns.ports import Contact
from campaigns.survey_talk import Around
from core.errors import LegEnded, Unavailable
from service.supervisor import Supervisor
from telephony.ports import Leg
from telephony.recorder import Recorder


def recorded(recorder: Recorder, tasks: Supervisor) -> Around:
    """Around each survey: it is recorded if that can be, and the recording finished in the background."""

    @contextlib.asynccontextmanager
    async def around(leg: Leg, contact: Contact) -> AsyncIterator[None]:
        del contact
        try:
            recording = await recorder.start(leg.call_id, leg.id, "", roles=("customer", "system"))
        except (LegEnded, Unavailable):  # the survey finds out by itself
            yield
            return
        try:
            yield
        finally:
            tasks.spawn(f"finish {recording.id}", recorder.finish(leg.call_id, recording))

    return around
