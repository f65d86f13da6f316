"""A call to a carrier of several addresses: the next one is tried where one is dead, nobody's answer is asked twice."""

import asyncio
from collections.abc import Coroutine

import pytest

from core.errors import CallRejected, TransactionTimeout, Unavailable
from telephony.doorkeeper import Doorkeeper
from telephony.outgoing import Unreachable
from telephony.phones import Phones
from telephony.ports import Leg
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.events import Answered, Refused, TimedOut
from telephony.sip.hop import Hop
from telephony.sip.locating import Server
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook, TrunkGroup, TrunkSettings
from tests.unit.telephony.doubles import Rooms, far_side
from tests.virtual_loop import run

A, B, C = (Hop("UDP", f"192.0.2.{number}", 5060) for number in (11, 12, 13))
LONE = Hop("UDP", "203.0.113.6", 5060)


class Desk(Rooms):
    """A carrier with three addresses, and one with one."""

    def __init__(self) -> None:
        super().__init__()
        digest = DigestServer("line400", b"0" * 16, algorithms=("MD5",))
        registrar = Registrar(digest, {})
        self.trunks = TrunkBook(
            [TrunkSettings("many", "carrier.test", port=0, max_calls=2), TrunkSettings("lone", LONE.host)],
            [TrunkGroup("both", ("many", "lone"))],
        )
        self.trunks.places("many").found([Server(rank, 0, (hop,)) for rank, hop in enumerate((A, B, C))])
        self.board = Switchboard(
            stack=self.stack,
            room=self.room,
            log=self.log,
            clock=self.clock,
            ids=self.ids,
            trunks=self.trunks,
            phones=Phones(registrar, {}),
            doorkeeper=Doorkeeper(self.trunks, registrar, digest, {}),
        )

    def dial(self, trunk: str = "many", timeout_s: float = 30.0) -> "asyncio.Task[Leg]":
        return asyncio.create_task(
            self.board.dial("+8613900139000", "c1", trunk=trunk, caller_id="", timeout_s=timeout_s)
        )

    def called(self) -> list[object]:
        return [command[1] for command in self.stack.done if command[0] == "invite"]


def story(told: Coroutine[None, None, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(120):
            await told

    run(bounded())


def test_a_silent_address_is_left_after_a_while_and_tried_last_from_then_on() -> None:
    async def told() -> None:
        desk = Desk()
        desk.stack.mute = {"s1"}
        dialling = desk.dial()
        await asyncio.sleep(4.9)
        assert desk.called() == [A]
        await asyncio.sleep(0.3)
        assert desk.called() == [A, B] and ("hang_up", "s1", 41) in desk.stack.done  # CANCEL, lest it ring later
        assert desk.trunks.calls("many") == 1
        desk.stack.tell(Answered("s2", far_side().offer()))
        leg = await dialling
        await leg.hang_up()
        again = desk.dial()
        await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        assert desk.called()[2:] == [B]
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    story(told())


def test_503_and_unreachable_go_on_to_the_next_address_but_an_answer_of_the_person_does_not() -> None:
    async def told() -> None:
        desk = Desk()
        dialling = desk.dial()
        await asyncio.sleep(0.1)
        desk.stack.tell(Refused("s1", 503, "Unreachable"))
        await asyncio.sleep(0.1)
        desk.stack.tell(TimedOut("s2"))
        await asyncio.sleep(0.1)
        assert desk.called() == [A, B, C]
        desk.stack.tell(Refused("s3", 486, "Busy Here"))
        with pytest.raises(CallRejected) as refused:
            await dialling
        assert refused.value.status == 486 and desk.trunks.calls("many") == 0
        assert [one.failures for one in desk.trunks.places("many").standings(desk.clock.now())] == [1, 1, 0]

    story(told())


def test_the_last_address_of_the_last_trunk_has_all_the_time_of_sip() -> None:
    async def told() -> None:
        desk = Desk()
        desk.stack.mute = {"s1", "s2", "s3", "s4"}
        dialling = desk.dial("both")
        await asyncio.sleep(15.5)
        assert desk.called() == [A, B, C, LONE]
        await asyncio.sleep(14)
        assert not dialling.done()
        desk.stack.tell(TimedOut("s4"))
        with pytest.raises(Unreachable):
            await dialling

    story(told())


def test_who_rings_is_not_left() -> None:
    async def told() -> None:
        desk = Desk()
        dialling = desk.dial(timeout_s=20)
        with pytest.raises(TransactionTimeout):
            await dialling
        assert desk.called() == [A]

    story(told())


def test_a_full_trunk_is_no_fault_of_its_addresses() -> None:
    async def told() -> None:
        desk = Desk()
        assert desk.trunks.take("many") and desk.trunks.take("many")
        with pytest.raises(Unavailable, match="channels"):
            await desk.dial()
        assert desk.called() == []
        assert [one.failures for one in desk.trunks.places("many").standings(desk.clock.now())] == [0, 0, 0]

    story(told())
