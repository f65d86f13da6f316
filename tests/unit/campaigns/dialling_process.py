"""The process that ``test_kill`` kills: a real store and dialer. Each number is printed before its first packet."""

import asyncio
import os
import sys
import time
from pathlib import Path

from campaigns.dialer import Dialer
from campaigns.gate import Plan
from campaigns.rooms import Rooms
from campaigns.survey import find_survey
from campaigns.survey_talk import SurveyTalk
from core.errors import CallRejected
from core.ids import Ids
from ivr.prompts import Prompts
from store.store import Store
from telephony.ports import Leg
from tests.unit.ivr.doubles import FakeLeg, Timeline


class WallClock:
    def now(self) -> float:
        return time.time()


class PrintingNetwork:
    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        print(number, flush=True)
        await asyncio.sleep(0.003)
        if int(number[-1]) % 2:
            raise CallRejected(486, "Busy Here")
        leg = FakeLeg(Timeline(), call_id, number)
        leg.hung_up_by_far_end()
        return leg


async def main(url: str) -> None:
    clock = WallClock()
    ids = Ids(clock, os.urandom)
    store = await Store.open(url, clock, ids, recordings=Path())
    await store.recover()
    rooms = Rooms(PrintingNetwork(), store.contacts, store.log, clock, ids, Prompts(), None, {})
    talk = SurveyTalk(find_survey("return_visit"), rooms)
    await Dialer(Plan("spring", "carrier", "02155550100", concurrency=4), talk, rooms).run()
    await store.close()
    print("finished", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
