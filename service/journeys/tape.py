"""The recording of a call, which goes on through transfers: the caller on the left, on the right whoever talks with
him.
"""

import contextlib

from core.errors import LegEnded, Line400Error, Unavailable
from service.house import House
from telephony.ports import Leg
from telephony.recording import Recording


class Tape:
    """``wanted``: whether the number's calls are recorded at all."""

    def __init__(self, outside: Leg, house: House, *, wanted: bool) -> None:
        self._outside = outside
        self._house = house
        self._wanted = wanted
        self._recording: Recording | None = None

    async def hold(self, inside: Leg) -> None:
        """Record the two from now on; ``LegEnded`` where one of them has hung up. A disk that cannot is no error: the
        recorder has raised the alarm, and the talk matters more.
        """
        if not self._wanted:
            return
        if self._recording is not None:
            with contextlib.suppress(Line400Error):
                await self._recording.switch(self._outside.id, inside.id)
            return
        try:
            self._recording = await self._house.recorder.start(
                self._outside.call_id, self._outside.id, inside.id, roles=("caller", "agent")
            )
        except LegEnded:
            raise
        except Unavailable:
            self._wanted = False

    def end(self) -> None:
        """The talks of this call are over; a second time is no error."""
        recording, self._recording = self._recording, None
        if recording is not None:
            self._house.tasks.spawn(f"finish {recording.id}", self._finish(recording))

    async def _finish(self, recording: Recording) -> None:
        await self._house.recorder.finish(self._outside.call_id, recording)
