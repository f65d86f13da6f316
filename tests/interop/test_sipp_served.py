"""SIPp as carrier, phones and strangers of a real ``line400 serve``; the scenarios that say ``<?served …?>``."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, LINE_NUMBER, Line, basic, serving
from tests.interop.sipp_peer import Outcome, Sipp
from tests.interop.sipp_text import SCENARIOS, expand, instructions
from tests.interop.stranger import Stranger
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
PHONES = ("201", "202", "203", "204")
DESKS = ("101", "102", "103")
"""Agents whose phones have fixed addresses."""
NUMBERS = {"101": "4008006666", "103": "4008007777"}
MOVER = "127.0.0.8"
"""A carrier that sends calls on."""


def _options(scenario: str) -> dict[str, str]:
    steps = instructions((SCENARIOS / f"{scenario}.xml").read_text())
    return next((one.options | {one.what: ""} for one in steps if one.kind == "served"), {})


ALONE = [
    path.stem
    for path in sorted(SCENARIOS.glob("*.xml"))
    if "<?served " in path.read_text() and "part" not in _options(path.stem)
]


@dataclass
class Desk:
    """The line, where the phones of the desks are to be, and a folder."""

    line: Line
    ports: dict[str, int]
    folder: Path

    def sipp(
        self, scenario: str, *, host: str = HOST, calls: int = 1, service: str = "", port: int = 0, next_port: int = 0
    ) -> Sipp:
        """SIPp that calls the line, or with ``port`` waits there for its call."""
        path = self.folder / f"{scenario}.xml"
        path.write_text(expand((SCENARIOS / f"{scenario}.xml").read_text(), repeat_ms=0))
        return Sipp(
            path, "UDP", calls=calls, local=host, port=port, service=service or LINE_NUMBER,
            remote=None if port else Hop("UDP", HOST, self.line.sip),
            options=("-key", "run", scenario, "-key", "next", str(next_port), "-recv_timeout", "30000"),
        )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("served")
    ports = {agent: free_port() for agent in DESKS}
    agents = "".join(f'[[agent]]\nid = "{agent}"\npassword = "phone-{agent}"\n' for agent in PHONES)
    agents += "".join(
        f'[[agent]]\nid = "{agent}"\naddress = "sip:{agent}@{HOST}:{port}"\n' for agent, port in ports.items()
    )
    more = f'[[number]]\nnumber = "{NUMBERS["103"]}"\nto = "agent:103"\n'
    ports[MOVER] = free_port(MOVER)
    more += f'[[trunk]]\nname = "mover"\nhost = "{MOVER}"\nport = {ports[MOVER]}\nforwarding = "both"\noptions_s = 0\n'
    more += '[dialling]\ntrunk = "mover"\n'
    async with serving(
        folder, basic(carrier_port=free_port(CARRIER), agents=agents, more=more), sip_keys="phone_options_s = 0"
    ) as line:
        yield Desk(line, ports, folder)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes(desk: Desk) -> dict[str, Outcome]:
    """Of all scenarios that are done with the line alone, at once."""

    async def one(scenario: str) -> Outcome:
        options = _options(scenario)
        host = options["host"]
        async with desk.sipp(scenario, host=host, service=options.get("service", "")) as sipp:
            return await sipp.done()

    done = await asyncio.gather(*(one(scenario) for scenario in ALONE))
    return dict(zip(ALONE, done, strict=True))


@pytest.mark.parametrize("scenario", ALONE)
async def test_outcome(outcomes: dict[str, Outcome], scenario: str) -> None:
    outcome = outcomes[scenario]
    assert (outcome.successful, outcome.failed, outcome.errors) == (1, 0, "")


def assert_all_went_well(done: list[Outcome]) -> None:
    print("\n".join(one.errors for one in done))  # whole, where the test failed
    assert [(one.successful, one.failed, one.errors) for one in done] == [(1, 0, "")] * len(done)


@pytest.mark.parametrize(
    "answers", ["direct_call_is_answered_after_a_while", "phone_moves_its_voice_before_it_answers"]
)
async def test_a_direct_call_rings_reliably(desk: Desk, answers: str) -> None:
    await desk.line.set_agent("103", "available")
    await desk.line.until_agent("103", "available")
    async with desk.sipp(answers, port=desk.ports["103"]) as phone:
        await phone.listening()
        async with desk.sipp("direct_call_rings_reliably", host=CARRIER, service=NUMBERS["103"]) as caller:
            done = await asyncio.gather(caller.done(), phone.done())
    assert_all_went_well(done)


async def test_a_phone_that_answers_without_sdp_has_not_answered(desk: Desk) -> None:
    await desk.line.set_agent("103", "available")
    await desk.line.until_agent("103", "available")
    async with desk.sipp("answer_without_sdp_is_hung_up", port=desk.ports["103"]) as phone:
        await phone.listening()
        async with desk.sipp("phone_that_answers_without_sdp_is_488", host=CARRIER, service=NUMBERS["103"]) as caller:
            done = await asyncio.gather(caller.done(), phone.done())
    assert_all_went_well(done)


async def test_a_caller_is_passed_on_by_refer(desk: Desk) -> None:
    for agent in ("101", "102"):
        await desk.line.set_agent(agent, "available")
        await desk.line.until_agent(agent, "available")
    async with (
        desk.sipp("transfer_phone_is_told_the_outcome", port=desk.ports["101"]) as first,
        desk.sipp("transfer_target_talks_and_hangs_up", port=desk.ports["102"]) as second,
    ):
        await asyncio.gather(first.listening(), second.listening())
        async with desk.sipp("transfer_caller_stays", host=CARRIER, service=NUMBERS["101"]) as caller:
            done = await asyncio.gather(caller.done(), first.done(), second.done())
    assert_all_went_well(done)


async def test_a_refer_to_nobody_is_refused_and_the_talk_goes_on(desk: Desk) -> None:
    await desk.line.set_agent("103", "available")
    await desk.line.until_agent("103", "available")
    async with desk.sipp("transfer_to_nobody_is_404", port=desk.ports["103"]) as phone:
        await phone.listening()
        async with desk.sipp("transfer_caller_stays", host=CARRIER, service=NUMBERS["103"]) as caller:
            done = await asyncio.gather(caller.done(), phone.done())
    assert_all_went_well(done)


async def test_a_carrier_sends_a_call_on_and_is_followed_within_its_trunk(desk: Desk) -> None:
    await desk.line.give_admin_phone("102")
    await desk.line.set_agent("102", "available")
    await desk.line.until_agent("102", "available")
    there = free_port(MOVER)
    async with (
        desk.sipp("direct_call_is_answered_after_a_while", port=desk.ports["102"]) as phone,
        desk.sipp(
            "their_call_is_sent_on_within_the_trunk", host=MOVER, port=desk.ports[MOVER], next_port=there
        ) as first,
        desk.sipp("call_that_was_sent_on_is_taken", host=MOVER, port=there) as second,
    ):
        await asyncio.gather(phone.listening(), first.listening(), second.listening())
        await desk.line.api.send("POST", "/agents/102/calls", {"number": "13900139000"})
        done = await asyncio.gather(phone.done(), first.done(), second.done())
    assert_all_went_well(done)


# Strangers whom SIPp cannot play: it would wait for answers that do not come


async def test_security_who_guesses_passwords_is_locked_out_and_in_the_log(desk: Desk) -> None:
    async with Stranger("127.0.0.71", desk.line) as guesser:
        assert [await guesser.register("203", f"guess {number}") for number in range(6)] == [401] * 6
        assert "203" not in await guesser.until_told("security.locked_out"), "no names"
    async with Stranger("127.0.0.72", desk.line) as phone:
        assert await phone.register("203", "phone-203") == 200, "the agent's own phone is elsewhere, and not locked out"


async def test_security_a_flood_is_held_to_a_rate_and_others_are_served(desk: Desk) -> None:
    async with Stranger("127.0.0.73", desk.line) as flooder, Stranger("127.0.0.74", desk.line) as other:
        begun = time.monotonic()
        for _ in range(250):
            flooder.ask("OPTIONS")
        assert (await other.answer(other.ask("OPTIONS"))).status == 200
        await flooder.until_told("security.flooded")
        most = 100 + 50 * (time.monotonic() - begun) + 1
        assert 50 <= len(flooder.answers) <= most
