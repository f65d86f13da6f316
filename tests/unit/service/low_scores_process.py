"""The process that ``test_low_scores`` kills: takes low scores without pause, and prints each call that is on disk."""

import asyncio
import itertools
import os
import sys
import time

from campaigns.facts import SurveyAnswered
from campaigns.survey import find_survey
from core.ids import Ids
from service.low_scores import LowScores
from store.store import Store


class WallClock:
    def now(self) -> float:
        return time.time()


async def main(url: str) -> None:
    clock = WallClock()
    store = await Store.open(url, clock, Ids(clock, os.urandom))
    told = LowScores(store.log, store.desk, {"spring": find_survey("return_visit")}.get)
    for number in itertools.count():
        call = f"c-{number}"
        low = SurveyAnswered("spring", number, f"a-{call}", "nps", "3", "key")
        if number % 2:
            told.post(call, low)
        else:
            await told.commit(call, low)
            print(call, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
