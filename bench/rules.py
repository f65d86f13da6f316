"""Is a rule ever broken? Random decisions against an oracle that is written in another way.

``.venv/bin/python -m bench.rules [--decisions 1000000] [--seed 1] [--json]``. Campaigns, calendars with Chinese
holidays, time zones with and without changes of the clock, clocks that were put back, histories of calls, refusals,
consents and complaints are drawn at random. Of each decision it is compared whether the call is allowed, which rule
decides, and whether time alone can change it; of a part also that the moment given is the first at which the call is
allowed. Exit code 1 where anything differs; the first difference is printed with its seed.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bench.rules_oracle import STEADY, World, a_history, a_moment, a_world
from campaigns.rules.decide import decide
from campaigns.rules.values import Decision

PER_WORLD: Final = 20
SAMPLES: Final = 4
"""Moments before the one that is given, at which the call must be forbidden still."""
FAR_S: Final = 40 * 86_400
"""Where hours hardly ever meet the moment given is only one at which to look again."""


@dataclass(frozen=True, slots=True)
class Compared:
    """So many ``decisions``, of which ``allowed`` were to call; ``wrong`` tells the first differences."""

    decisions: int
    allowed: int
    rules: dict[str, int]
    moments: int
    wrong: tuple[str, ...]


def compare(decisions: int, seed: int) -> Compared:
    """Make ``decisions`` and hold each against the oracle."""
    chance = random.Random(seed)
    rules: Counter[str] = Counter()
    wrong: list[str] = []
    allowed = moments = made = 0
    while made < decisions and len(wrong) < 5:
        steady = chance.random() < 0.5
        world = a_world(chance, zones=STEADY) if steady else a_world(chance)
        terms = world.terms()
        for _ in range(min(PER_WORLD, decisions - made)):
            now = a_moment(chance, world)
            world = replace(world, history=a_history(chance, now))
            decision = decide(world.standing(), terms, now)
            made += 1
            allowed += decision.allowed
            rules[decision.rule] += 1
            fault = _fault(world, decision, now)
            if not fault and decision.not_before is not None and chance.random() < 0.2:
                moments += 1
                fault = _moment_fault(world, decision.not_before, now, chance, steady=steady)
            if fault:
                wrong.append(f"seed {seed}, decision {made}: {fault}; now {now}, {decision}, {world}")
    return Compared(made, allowed, dict(rules), moments, tuple(wrong))


def _fault(world: World, decision: Decision, now: int) -> str:
    forbids = world.forbids(now)
    if decision.allowed != (not forbids):
        return f"allowed is {decision.allowed}, but it is forbidden by {forbids}"
    if not decision.allowed and decision.rule != forbids[0]:
        return f"{decision.rule} decides, not {forbids[0]}"
    if forbids and decision.for_good != world.for_good(now):
        return f"for good is {decision.for_good}"
    if decision.not_before is not None and decision.not_before <= now:
        return "to be looked at again at once"
    return ""


def _moment_fault(world: World, at: float, now: int, chance: random.Random, *, steady: bool) -> str:
    if forbids := world.forbids(at):
        return "" if at - now > FAR_S else f"at {at} it is forbidden still by {forbids}"
    if not steady:  # of an hour that comes twice the calendar takes the first
        return ""
    before = [at - 1, *(now + chance.random() * (at - now) for _ in range(SAMPLES))]
    early = next((moment for moment in before if moment > now and not world.forbids(moment)), None)
    return "" if early is None else f"it is allowed at {early} already, before {at}"


def main(arguments: Sequence[str]) -> int:
    """Compare, and say what came out."""
    parser = argparse.ArgumentParser(prog="bench.rules")
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    began = time.process_time()
    found = compare(asked.decisions, asked.seed)
    took_s = time.process_time() - began
    if asked.json:
        figures = {"decisions": found.decisions, "allowed": found.allowed, "wrong": len(found.wrong), "cpu_s": took_s}
        print(json.dumps({**figures, "moments": found.moments, "seed": asked.seed, "rules": found.rules}))
    else:
        print(f"{found.decisions} decisions, {found.allowed} to call, {len(found.wrong)} wrong, {took_s:.0f} s of CPU")
        print(f"{found.moments} moments at which to look again were right")
        for rule, count in sorted(found.rules.items(), key=lambda item: -item[1]):
            print(f"  {rule or 'allowed':16}{count:9}")
    for text in found.wrong:
        print(text, file=sys.stderr)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
