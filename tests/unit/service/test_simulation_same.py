"""The same seeds give the same report, whatever is made faster: held against figures of runs of before."""

import hashlib
import json
from dataclasses import asdict

import pytest

from acd.queues import Strategy
from reports.model import Bucket
from service.simulation_options import Options, prepared
from service.simulation_run import Outcome, coming, run
from service.simulation_world import Changes

BARE = Options(
    calls=1500,
    days=None,
    day="",
    arrivals="200",
    queues=(),
    surges=(),
    agents="",
    crews=(),
    talk="",
    patience="",
    ring="const:3",
    missed=0.0,
    changes=Changes(),
    threshold_s=None,
    bucket=Bucket.HALF_HOUR,
    start="2026-01-05",
    seed=1,
)


def outcome_of(**changed: object) -> Outcome:
    options = Options(**{**{name: getattr(BARE, name) for name in BARE.__dataclass_fields__}, **changed})  # type: ignore[arg-type]
    ready = prepared(options, None)
    stream = coming(ready.world, ready.conditions, ready.period)
    return run(ready.world, ready.conditions, ready.period, stream, ready.asked, lambda calls, now: None)


def seen(outcome: Outcome) -> tuple[int, int, int, str]:
    """Answered, abandoned and overflowed calls, and all figures of all cells and agents in a few letters."""
    whole = [asdict(cell) for cell in (*outcome.queues.cells, *outcome.queues.queues)]
    agents = [asdict(line) for line in outcome.agents.agents]
    figures = json.dumps([whole, agents], sort_keys=True, default=str)
    digest = hashlib.sha256(_rounded(figures).encode()).hexdigest()[:12]
    counts = outcome.queues.total.counts
    return counts.answered, counts.abandoned, counts.overflowed, digest


def _rounded(figures: str) -> str:
    """To the microsecond: what adds up may be added up in another order."""
    return json.dumps(json.loads(figures, parse_float=lambda text: f"{float(text):.6f}"), sort_keys=True)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, (1414, 86, 0, "d87f22851f23")),
        ({"ring": "exp:4", "missed": 0.15, "talk": "lognormal:170,110", "seed": 7}, (1360, 140, 0, "f7a756433442")),
        (
            {
                "queues": ("sales=90", "service=120"),
                "crews": ("5@sales,service", "4@service", "3@sales"),
                "changes": Changes(wrap_up_s=25.0, strategy=Strategy.FEWEST_CALLS, max_wait_s=60.0, max_length=12),
                "missed": 0.05,
                "bucket": Bucket.DAY,
            },
            (1282, 124, 94, "de6b5ac43628"),
        ),
    ],
)
def test_the_report_is_that_of_before(changed: dict[str, object], expected: tuple[int, int, int, str]) -> None:
    assert seen(outcome_of(**changed)) == expected
