"""``line400 serve`` itself, with what a bench wants beside it: ``python -m bench.served.run CONFIG [--tap HOST:PORT]
[--record-callers]``.

The product taps a leg only while a flow listens. With ``--tap`` each leg is tapped to that address from the moment at
which the two of a call are joined, through the same command that a flow gives. ``--record-callers`` records each caller
and what he hears from the moment at which he is answered, as a voice-mail box does, while the flow goes on.
"""

import argparse
import itertools
import logging
import sys
from pathlib import Path

from core.errors import Line400Error
from core.events import Event
from core.tap_target import TapTarget
from service.build import Built
from service.config import read_config
from service.logs import LogLevel, set_up_logs
from service.serve import run
from telephony.facts import CallAnswered, CallEnded, TalkStarted
from telephony.recording import Recording

_log = logging.getLogger("line400.bench")


class Extras:
    """What is done beside the calls of a running house."""

    def __init__(self, built: Built, tap: tuple[str, int] | None, *, record_callers: bool) -> None:
        self._built = built
        self._tap = tap
        self._record_callers = record_callers
        self._streams = itertools.count()
        self._recordings: dict[str, Recording] = {}
        built.base.bus.subscribe(self._on_event)

    def _on_event(self, event: Event) -> None:
        spawn = self._built.base.tasks.spawn
        match event.fact:
            case TalkStarted() if self._tap is not None:
                spawn(f"taps of {event.call_id}", self._tap_legs(event.call_id, self._tap))
            case CallAnswered() if self._record_callers:
                spawn(f"recording of {event.call_id}", self._record(event.call_id))
            case CallEnded() if self._record_callers:
                spawn(f"end of recording of {event.call_id}", self._finish(event.call_id))

    async def _tap_legs(self, call_id: str, to: tuple[str, int]) -> None:
        for leg in self._built.exchange.switchboard.legs:
            if leg.call_id == call_id:
                try:
                    await leg.start_tap(TapTarget(*to, next(self._streams)))
                except Line400Error as error:
                    _log.info("leg %s has no tap: %s", leg.id, error)

    async def _record(self, call_id: str) -> None:
        recorder = self._built.exchange.recorder
        for leg in self._built.exchange.switchboard.legs:
            if leg.call_id == call_id:
                self._recordings[call_id] = await recorder.start(call_id, leg.id, "", roles=("caller", "system"))

    async def _finish(self, call_id: str) -> None:
        if recording := self._recordings.pop(call_id, None):
            await self._built.exchange.recorder.finish(call_id, recording)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.served.run", description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("--tap", default="")
    parser.add_argument("--record-callers", action="store_true")
    given = parser.parse_args()
    host, _, port = given.tap.rpartition(":")
    tap = (host, int(port)) if given.tap else None
    loaded = read_config(given.config)
    set_up_logs(LogLevel.WARNING, sip_trace=False)

    def began(built: Built) -> None:
        Extras(built, tap, record_callers=given.record_callers)

    sys.exit(run(loaded.config, began))


if __name__ == "__main__":
    main()
