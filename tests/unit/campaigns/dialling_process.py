"""The process that ``test_kill`` kills: a real store and dialer. Each number is printed with
the call's id before its first packet. It is told the database, and whether to try again.
"""

import asyncio
import os
import sys
import time
from pathlib import Path

from campaigns.attempt import Result
from campaigns.dialer import Dialer
from campaigns.gate import Plan
from campaigns.retry import ONCE, USUAL_WAITS, RetryPlan, Wait, When
from campaigns.rooms import Rooms
from campaigns.rules.values import Rules
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
        print(number, call_id, flush=True)
        await asyncio.sleep(0.003)
        if int(number[-1]) % 2:
            raise CallRejected(486, "Busy Here")
        leg = FakeLeg(Timeline(), call_id, number)
        leg.hung_up_by_far_end()
        return leg


SOON = Wait(When.AFTER, 0.05)
AGAIN = RetryPlan(attempts=3, waits={**USUAL_WAITS, Result.BUSY: SOON, Result.INTERRUPTED: SOON})
OFTEN = Rules(a_day=99, in_30_days=99, number_a_day=99, number_in_30_days=99)


async def main(url: str, retry: RetryPlan) -> None:
    clock = WallClock()
    ids = Ids(clock, os.urandom)
    store = await Store.open(url, clock, ids, recordings=Path())
    await store.recover()
    rooms = Rooms(
        PrintingNetwork(), store.contacts, store.log, clock, ids, Prompts(), None, {}, rules=lambda: OFTEN
    )  # fmt: skip
    plan = Plan("spring", "carrier", "02155550100", concurrency=4, retry=retry)
    await Dialer(plan, SurveyTalk(find_survey("return_visit"), rooms), rooms).run()
    await store.close()
    print("finished", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], AGAIN if sys.argv[2] == "again" else ONCE))
