"""The process that ``test_kill`` kills: posts calls without pause, claims contacts, and prints what it knows to be
on disk.
"""

import asyncio
import itertools
import os
import sys
import time
from pathlib import Path

from acd.facts import OfferMade, QueueEntered, QueueLeft
from campaigns.facts import AttemptEnded
from core.ids import Ids
from store.store import Store
from telephony.facts import CallEnded, CallStarted, LegStarted, RecordingStarted, TalkStarted


class WallClock:
    def now(self) -> float:
        return time.time()


async def main(url: str) -> None:
    clock = WallClock()
    store = await Store.open(url, clock, Ids(clock, os.urandom), recordings=Path())
    await store.recover()
    for number in itertools.count():
        call = f"c-{os.getpid()}-{number}"
        log = store.log
        log.post(call, CallStarted("inbound", "", ""))
        log.post(call, LegStarted(f"l-{call}", "caller"))
        log.post(call, RecordingStarted(f"r-{call}", f"{call}.wav", "caller", "agent"))
        log.post(call, QueueEntered(f"q-{call}", "sales"))
        log.post(call, OfferMade(f"o-{call}", f"q-{call}", "sales", "amy"))
        if number % 3 == 0:
            log.post(call, QueueLeft(f"q-{call}", "sales", "answered", 0.5, "amy"))
            log.post(call, TalkStarted("amy", "sales"))
        if number % 5 == 0:
            log.post(call, CallEnded("normal", "caller"))
        event = await log.commit(call, QueueEntered(f"p-{call}", "service"))
        print("event", event.id, event.seq, flush=True)
        contact = await store.contacts.claim("spring", attempt=f"a-{call}", call_id=call)
        if contact is not None:
            print("contact", contact.id, flush=True)
            if number % 2:
                log.post(call, AttemptEnded(f"a-{call}", "spring", contact.id, "completed"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
