"""What agents say of their talks: of which they may, what the log gets, and that the wrap-up waits for it."""

import asyncio

import pytest

from acd.facts import AgentStatus
from acd.queues import Extension
from acd.served import Connected
from core.errors import LocalProtocolError, ParseError
from desk.dispositions import Disposition, FieldKind
from desk.facts import CallDisposed, DispositionSet
from service.agent_desks import ServedDesks
from service.dispositions import SaidDispositions
from tests.unit.acd.doubles import FakeLeg
from tests.unit.acd.test_distributor import Centre
from tests.virtual_loop import EPOCH, run

CALL = "call of caller"
CODES = (
    Disposition("deal", "成交意向", "Wants to buy", frozenset({"sales"}), (FieldKind.CUSTOMER,)),
    Disposition("wrong", "打错", "Wrong number"),
    Disposition("booked", "已预约", "Booked", frozenset({"service"})),
)


async def talking() -> tuple[Centre, SaidDispositions, Connected]:
    """Agent a talks with a caller."""
    centre = Centre("a", wrap_up_s=10.0, needs_disposition=True, extension=Extension(most_s=60.0))
    centre.ready("a")
    served = await centre.serve(FakeLeg("caller"))
    assert isinstance(served, Connected)
    return centre, SaidDispositions(CODES, centre.distributor, centre.log), served


def test_he_says_it_while_he_talks_or_after_and_the_wrap_up_ends() -> None:
    async def main() -> None:
        centre, said, served = await talking()
        call = CALL
        await said.own("a", call, "wrong", {}, "wang")
        centre.distributor.talk_over("a", served.entry)
        await said.own("a", call, "deal", {"customer": "王先生"}, "wang")  # he thinks again
        await asyncio.sleep(10.5)
        assert centre.status("a") is AgentStatus.AVAILABLE
        with pytest.raises(LocalProtocolError, match="nor is in its wrap-up"):
            await said.own("a", call, "wrong", {}, "wang")
        assert centre.facts(CallDisposed) == [
            CallDisposed("a", "sales", "wrong", "wang"),
            CallDisposed("a", "sales", "deal", "wang", customer="王先生"),
        ]
        assert [event.call_id for event in centre.log.events if isinstance(event.fact, CallDisposed)] == [call, call]

    run(main())


def test_what_is_refused_does_not_end_the_wrap_up() -> None:
    async def main() -> None:
        centre, said, served = await talking()
        centre.distributor.talk_over("a", served.entry)
        for code, values in (("deal", {}), ("booked", {}), ("no such", {})):
            with pytest.raises(ParseError):
                await said.own("a", CALL, code, values, "wang")
        await asyncio.sleep(30.0)
        desks = ServedDesks(centre.distributor, centre.log)
        assert centre.status("a") is AgentStatus.WRAP_UP
        wrap_up = desks.now("a").wrap_up
        assert wrap_up is not None and wrap_up.owed
        assert (wrap_up.call_id, wrap_up.until) == (CALL, EPOCH + 62.0)
        with pytest.raises(LocalProtocolError, match="demands a disposition"):
            desks.finish("a", "")
        await said.own("a", CALL, "wrong", {}, "wang")
        assert centre.status("a") is AgentStatus.AVAILABLE
        assert centre.facts(CallDisposed) == [CallDisposed("a", "sales", "wrong", "wang")]

    run(main())


def test_a_supervisor_says_it_in_his_place_even_of_one_who_is_gone() -> None:
    async def main() -> None:
        centre, said, served = await talking()
        centre.distributor.talk_over("a", served.entry)
        await asyncio.sleep(20.0)
        await said.later("a", "sales", CALL, "wrong", {}, "boss")
        assert centre.status("a") is AgentStatus.AVAILABLE
        await said.later("gone", "", "c-old", "wrong", {}, "boss")
        assert centre.facts(DispositionSet) == [
            DispositionSet("a", "wrong", "boss"), DispositionSet("gone", "wrong", "boss")
        ]  # fmt: skip
        said.change(())
        with pytest.raises(ParseError):
            await said.later("a", "sales", CALL, "wrong", {}, "boss")

    run(main())


def test_a_talk_of_lately_is_his_to_say_though_the_service_died_in_it() -> None:
    async def main() -> None:
        centre, _said, _served = await talking()

        async def lately(agent: str, call_id: str) -> str | None:
            return "service" if (agent, call_id) == ("a", "c-before") else None

        said = SaidDispositions(CODES, centre.distributor, centre.log, lately=lately)
        await said.own("a", "c-before", "booked", {}, "wang")
        assert centre.facts(CallDisposed) == [CallDisposed("a", "service", "booked", "wang")]
        for agent, call in (("a", "c-other"), ("gone", "c-before")):
            with pytest.raises(LocalProtocolError):
                await said.own(agent, call, "wrong", {}, "wang")

    run(main())
