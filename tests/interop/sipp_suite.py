"""Runs the SIPp scenarios that say by ``<?line …?>`` what our side does: several at a time against a few stacks."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.interop.sipp_line import PATIENT, QUICK, Stack
from tests.interop.sipp_peer import Outcome, Sipp
from tests.interop.sipp_text import SCENARIOS, expand, instructions
from tests.interop.tcp_relay import Relay

AT_A_TIME: Final = 10
QUICK_AT_A_TIME: Final = 16
"""Of those that mostly wait for times to pass."""
LOSSES: Final = (5, 20)
"""Percent of the messages that may be lost each way."""
_NOT_ALWAYS_SEEN: Final = ("Confirmed", "LateAnswer", "Progressed")
"""What is not told where the message that shows it is lost and the call goes on without."""
_FEW: Final = 4


@dataclass(frozen=True)
class Run:
    """One scenario, on one transport, at one loss (percent), against one of the stacks. ``way`` is what a relay does to
    its TCP stream.
    """

    scenario: str
    transport: str
    loss: int
    act: str
    sipp_calls: bool
    calls: int
    events: tuple[str, ...]
    stack: str
    way: str = ""
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return "-".join([self.scenario, self.transport, *([str(self.loss)] if self.loss else [])])

    @property
    def is_quick(self) -> bool:
        """Whether our side has a tenth of the times of RFC 3261."""
        return self.stack.startswith("quick")

    @property
    def linger_ms(self) -> int:
        """How long SIPp answers repeats at the end: ours of what was lost."""
        if self.loss:
            return 2500 if self.is_quick else 6000
        return 1000 if self.is_quick else 0

    @property
    def repeat_ms(self) -> int:
        """SIPp's T1; 0 where it need not repeat anything."""
        return (200 if self.is_quick else 500) if self.loss else 0

    @property
    def wanted(self) -> Counter[str]:
        """The events that its calls are to give."""
        counts: Counter[str] = Counter()
        for event in self.events:
            name, _, times = event.partition("*")
            if self.loss and name in _NOT_ALWAYS_SEEN:
                continue
            counts[name] += self.calls * int(times or 1)
        return counts


@dataclass(frozen=True)
class Result:
    """What SIPp counted, and what our side was told."""

    outcome: Outcome
    events: Counter[str]


def runs() -> list[Run]:
    """All, in the order of the files."""
    found = []
    for path in sorted(SCENARIOS.glob("*.xml")):
        text = path.read_text()
        if "<?line " not in text:
            continue
        (line,) = [one for one in instructions(text) if one.kind == "line"]
        first = next(one for one in instructions(text) if one.kind in ("send", "expect"))
        options = line.options
        stack = options.get("stack", "plain")
        for transport in options.get("transports", "UDP").split():
            for loss in [0, *(map(int, options.get("loss", "").split()) if transport == "UDP" else ())]:
                against = f"{options.get('lossy', stack)}-{loss}" if loss else stack
                run = Run(
                    path.stem, transport, loss, line.what, first.kind == "send", int(options.get("calls", _FEW)),
                    tuple(options.get("events", "").split()), against, options.get("relay", ""),
                    tuple(options.get("sipp", "").split()),
                )  # fmt: skip
                found.append(run)
    return found


@contextlib.asynccontextmanager
async def stacks() -> AsyncIterator[dict[str, Stack]]:
    """The stacks that runs share, by name."""
    made = {
        "plain": Stack(settings=PATIENT),
        "quick": Stack(settings=QUICK),
        "six": Stack(settings=PATIENT, host="::1"),
        **{f"plain-{loss}": Stack(loss / 100) for loss in LOSSES},
        **{f"quick-{loss}": Stack(loss / 100, QUICK) for loss in LOSSES},
    }
    for stack in made.values():
        await stack.sip.start()
    try:
        yield made
    finally:
        for stack in made.values():
            await stack.sip.close()


async def perform(run: Run, stack: Stack, folder: Path) -> Result:
    """Do one run."""
    path = folder / f"{run.name}.xml"
    path.write_text(
        expand(
            (SCENARIOS / f"{run.scenario}.xml").read_text(),
            lossy=run.loss > 0,
            linger_ms=run.linger_ms,
            repeat_ms=run.repeat_ms,
        )
    )
    wanted = run.wanted
    options = ("-key", "run", run.name, "-cid_str", f"%u-{run.name}@sipp", "-recv_timeout", "30000", *run.options)
    async with contextlib.AsyncExitStack() as opened:
        remote = stack.sip.address(run.transport) if run.sipp_calls else None
        relay = Relay(remote, run.way) if remote is not None and run.way else None
        if relay is not None:
            remote = (await opened.enter_async_context(relay)).hop
        sipp = Sipp(
            path, run.transport, remote=remote, calls=run.calls, options=options,
            local=stack.host, service=f"{run.act}.{run.name}",
        )  # fmt: skip
        await opened.enter_async_context(sipp)
        if not run.sipp_calls:
            await sipp.listening()
            for number in range(1, run.calls + 1):
                stack.call(run.act, run.name, number, sipp.port, run.transport)
        outcome = await sipp.done()
        if relay is not None and run.way == "pings":
            assert relay.pongs > 0
        events = await stack.until(run.name, wanted, 4.0)
        seen = Counter({name: count for name, count in events.items() if not (run.loss and name in _NOT_ALWAYS_SEEN)})
        if not run.loss and seen["Progressed"] > wanted["Progressed"] > 0:  # each INVITE sent again gets another 180
            seen["Progressed"] -= min(seen["Progressed"] - wanted["Progressed"], stack.endpoint.repeats[run.name])
        return Result(outcome, seen)


async def perform_all(chosen: list[Run], folder: Path) -> tuple[dict[str, Result | Exception], dict[str, Stack]]:
    """Do them, several at once; results by name, and the stacks for what may be left in them."""
    results: dict[str, Result | Exception] = {}
    busy, waiting = asyncio.Semaphore(AT_A_TIME), asyncio.Semaphore(QUICK_AT_A_TIME)
    async with stacks() as served:

        async def one(run: Run) -> None:
            async with waiting if run.is_quick else busy:
                try:
                    results[run.name] = await perform(run, served[run.stack], folder)
                except (OSError, TimeoutError, AssertionError, LookupError) as error:
                    results[run.name] = error

        await asyncio.gather(*(one(run) for run in chosen))
        await quiet(served)
    return results, served


async def quiet(served: dict[str, Stack], timeout_s: float = 5.0) -> None:
    """Wait until the stacks have no session any more, or the time is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            while any(len(stack.endpoint._sessions) for stack in served.values()):  # noqa: ASYNC110 - no event tells
                await asyncio.sleep(0.1)
