"""What a call costs, and how steadily its packets come: ``python -m bench.media [--json] [--calls 50,100] [--engine]``.

A real ``line400 serve`` carries the calls: a process of its own calls it as a carrier and answers as agents' phones by
SIP (``bench.served.people``), another one is all their voices (``media_load``): it sends a packet of G.711 every 20 ms
for each leg, spread evenly over the 20 ms, and notes when packets come back. ``bridged``: caller and agent talk;
``bridged_recorded``: both are recorded, and what each says goes on to a third process (``media_sink``) as it would to
a recogniser; ``bridged_recorded_inband``: besides, their phones know no telephone-event, so that keys are listened for
as tones; ``prompt``: a flow plays music to the caller; ``prompt_recorded``: who is recorded meanwhile. RTCP is on, keys
are looked for. Recordings are compared with what was said, sample by sample.

CPU is that of all processes of the service (user and system, all threads; ``media_…``: of its media workers), in
percent of one core, divided by the calls. Gaps are between packets that one far end receives, by the kernel's time
stamps; delay is from the far end's send to the partner's receive. ``--engine``: media workers and their client alone,
without SIP, log and console. On a virtual machine whose host gives time to others (``stolen_pct``) no packet comes in
time: ``--tries 3`` measures such a case again and tells the run that was disturbed least.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
from dataclasses import asdict
from typing import Final

from bench import media_engine, media_served
from bench.media_result import Result, table
from telephony.media.native import COMPILED

QUIET_PCT: Final = 0.5
"""Where the host took less of the machine's time than this, a run counts as undisturbed."""
CASES: Final = ("bridged_recorded", "bridged", "prompt_recorded", "prompt", "bridged_recorded_inband")


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.media", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--calls", default="50,100,200,300", help="numbers of calls, with commas")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--slots", type=int, default=20, help="moments of the 20 ms at which far ends send")
    parser.add_argument("--engine", action="store_true", help="media workers alone, without the rest of the service")
    parser.add_argument("--tries", type=int, default=1, help="run again, up to so often, what the host disturbed")
    given = parser.parse_args()
    run_case = media_engine.run_case if given.engine else media_served.run_case
    results: list[Result] = []
    for case in given.cases.split(","):
        for calls in given.calls.split(","):
            tries: list[Result] = []
            while len(tries) < given.tries and not (tries and tries[-1].stolen_pct <= QUIET_PCT):
                tries.append(asyncio.run(run_case(case, int(calls), given.seconds, given.workers, given.slots)))
            results.append(min(tries, key=lambda item: item.stolen_pct))
            rows = table(results[-1:]).splitlines()
            for row in rows if len(results) == 1 else rows[1:]:
                print(row, file=sys.stderr if given.json else sys.stdout, flush=True)
    if given.json:
        machine = {"python": platform.python_version(), "kernel": platform.release()}
        about = {"cpus": os.cpu_count(), "compiled": COMPILED, "load_average": os.getloadavg()[0]}
        print(json.dumps({"cases": [asdict(item) for item in results], "machine": machine | about}))


if __name__ == "__main__":
    main()
