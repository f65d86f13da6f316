"""Registered with carriers: on virtual time, over a stack that a test answers for."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace

import pytest

from core.errors import Unavailable
from service.registrations import Registrations, TrunkLine, TrunkState
from service.supervisor import Supervisor
from telephony.sip.events import Responded
from telephony.sip.hop import Hop
from telephony.sip.locating import Server
from telephony.sip.message import Response
from telephony.sip.parser import parse_message
from telephony.trunk import TrunkBook, TrunkSettings
from tests.unit.telephony.doubles import StackDouble
from tests.virtual_loop import LoopClock, run

TRUNK = TrunkSettings("carrier", "203.0.113.5", register=True, user="line", password="secret", expires_s=600)


class Board:
    """Keeps who waits for which answer."""

    def __init__(self, stack: StackDouble) -> None:
        self.stack = stack
        self.waiting: dict[str, object] = {}

    def expect(self, key: str, handler: object) -> None:
        self.waiting[key] = handler

    def answer(self, status: int, headers: str = "") -> None:
        """The carrier's final answer to what was asked last."""
        key, handler = self.waiting.popitem()
        cseq = self.stack.done[-1][2]["cseq"]
        text = f"SIP/2.0 {status} x\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKa\r\nFrom: <sip:a@b>;tag=1\r\n"
        text += "To: <sip:a@b>;tag=2\r\nCall-ID: x\r\n"
        text += f"CSeq: {cseq} REGISTER\r\n{headers}Content-Length: 0\r\n\r\n"
        response = parse_message(text.encode())
        assert isinstance(response, Response)
        handler(Responded(key, status, response))


class Desk:
    """One registration, running."""

    def __init__(self, trunk: TrunkSettings = TRUNK) -> None:
        self.stack = StackDouble()
        self.board = Board(self.stack)
        self.trunks = TrunkBook([trunk, TrunkSettings("plain", "203.0.113.9")])
        self.all = Registrations(self.stack, self.board, self.trunks, LoopClock())
        ((self.name, self.line),) = self.all.runners()

    def asked(self) -> list[int]:
        """For how long we asked, each time."""
        return [int(dict(named["headers"])["Expires"]) for name, _, named in self.stack.done if name == "REGISTER"]


def _with(story: Coroutine[None, None, None], line: TrunkLine) -> Coroutine[None, None, None]:
    async def main() -> None:
        running = asyncio.create_task(line.run())
        try:
            await story
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return main()


def test_registers_refreshes_and_leaves() -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        assert desk.all.state("carrier") == TrunkState("degraded", "not registered yet", "trunk_not_yet")
        name, target, named = desk.stack.done[0]
        assert (name, target, dict(named["headers"])["Contact"]) == ("REGISTER", TRUNK.hop, "<sip:line@192.0.2.1:5060>")
        desk.board.answer(200, "Contact: <sip:line@192.0.2.1:5060>;expires=100\r\n")
        await asyncio.sleep(0.1)
        assert desk.all.state("carrier") == TrunkState("ok", "registered", "trunk_registered")
        await asyncio.sleep(100)
        assert desk.asked() == [600, 600], "refreshed before the grant ran out"
        desk.board.answer(200, "Contact: <sip:line@192.0.2.1:5060>;expires=100\r\n")
        assert desk.stack.done[0][2]["call_id"] == desk.stack.done[1][2]["call_id"]
        assert desk.stack.done[0][2]["cseq"] < desk.stack.done[1][2]["cseq"]
        leaving = asyncio.create_task(desk.all.leave())
        await asyncio.sleep(0.1)
        assert desk.asked()[2:] == [0]
        desk.board.answer(200)
        await leaving

    desk = Desk()
    assert desk.name == "registration carrier"
    run(_with(story(), desk.line))


def test_a_lost_connection_is_made_up_for_soon_and_the_flow_keeps_its_name() -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        hop = desk.stack.done[0][1]
        assert hop == Hop("TCP", "203.0.113.5", 5060)
        headers = dict(desk.stack.done[0][2]["headers"])
        assert headers["Supported"] == "outbound, path"
        uri, _, rest = headers["Contact"].partition(">")
        assert rest.startswith(';+sip.instance="<urn:uuid:') and rest.endswith('>";reg-id=1')
        desk.board.answer(200, f"Contact: {uri}>;expires=600\r\nFlow-Timer: 40\r\n")
        await asyncio.sleep(0.1)
        assert desk.stack.done[-1] == ("keep_flow", hop, 40), "the carrier wants to hear of us that often"
        desk.stack.done.pop()
        desk.all.flow_lost(Hop("TCP", "203.0.113.6", 5060))
        await asyncio.sleep(10)
        assert desk.asked() == [600], "that was another's"
        desk.all.flow_lost(hop)
        await asyncio.sleep(5.1)
        assert desk.asked() == [600, 600]
        assert dict(desk.stack.done[1][2]["headers"])["Contact"] == headers["Contact"]
        assert desk.all.state("carrier").code == "trunk_registered", "the grant still holds"
        desk.all.flow_lost(hop)  # while we ask already

    desk = Desk(replace(TRUNK, transport="TCP", outbound=True))
    run(_with(story(), desk.line))
    assert "Supported" not in dict(_first_headers(TRUNK))


def _first_headers(trunk: TrunkSettings) -> tuple[tuple[str, str], ...]:
    desk = Desk(trunk)
    run(_with(asyncio.sleep(0.1), desk.line))
    return desk.stack.done[0][2]["headers"]


def test_a_refusal_is_shown_and_not_hammered() -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        desk.board.answer(403)
        await asyncio.sleep(100)
        assert desk.asked() == [600]
        assert desk.all.state("carrier") == TrunkState("down", "registration refused with 403", "trunk_refused", 403)
        await asyncio.sleep(250)
        assert desk.asked() == [600, 600]

    desk = Desk()
    run(_with(story(), desk.line))


def test_a_carrier_that_is_silent_at_the_end_holds_nobody_up() -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        desk.board.answer(200)
        began = asyncio.get_running_loop().time()
        await desk.all.leave()
        assert asyncio.get_running_loop().time() - began == pytest.approx(2.0, abs=0.1)

    desk = Desk()
    run(_with(story(), desk.line))


def test_a_transport_that_we_do_not_listen_on_is_a_refusal_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        assert desk.all.state("carrier") == TrunkState("down", "registration refused with 503", "trunk_refused", 503)
        monkeypatch.undo()
        await asyncio.sleep(10)
        assert desk.asked() == [600], "tried again later"

    def deaf(transport: str) -> None:
        raise Unavailable(f"SIP does not listen on {transport}")

    desk = Desk()
    monkeypatch.setattr(desk.stack, "address", deaf, raising=False)
    run(_with(story(), desk.line))


def test_begun_again_it_goes_on() -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        again = asyncio.create_task(desk.line.run())  # as the supervisor does after a crash
        await asyncio.sleep(0.1)
        assert not again.done()
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)

    desk = Desk()
    run(_with(story(), desk.line))


def test_trunks_by_address_are_fine() -> None:
    assert Desk().all.state("plain") == TrunkState("ok", "by address", "trunk_by_address")


def test_a_change_leaves_old_registrations_before_it_makes_new_ones_and_touches_no_other() -> None:
    async def story() -> None:
        stack = StackDouble()
        board, tasks = Board(stack), Supervisor()
        same = replace(TRUNK, name="same", host="203.0.113.8")
        book = TrunkBook([TRUNK, same])
        registrations = Registrations(stack, board, book, LoopClock())
        registrations.begin(tasks)

        async def carriers() -> None:
            while True:
                while board.waiting:
                    board.answer(200, "Contact: <sip:line@192.0.2.1:5060>;expires=600\r\n")
                await asyncio.sleep(0.1)

        answering = asyncio.create_task(carriers())
        await asyncio.sleep(1.0)
        assert len(stack.done) == 2
        new = replace(TRUNK, name="new", host="203.0.113.9")
        book.change([replace(TRUNK, user="line2"), replace(same, max_calls=99), new])
        await registrations.change(tasks)
        await asyncio.sleep(1.0)
        asked = [(target.host, dict(named["headers"])["Expires"]) for _, target, named in stack.done[2:]]
        assert asked == [("203.0.113.5", "0"), ("203.0.113.5", "600"), ("203.0.113.9", "600")]
        assert [registrations.state(name).code for name in ("carrier", "same", "new")] == ["trunk_registered"] * 3
        book.change([])
        await registrations.change(tasks)
        assert [dict(named["headers"])["Expires"] for _, _, named in stack.done[5:]] == ["0"] * 3
        await tasks.close()
        answering.cancel()

    run(story())


def test_a_dead_server_is_left_at_once_for_the_next_and_only_then_is_waited() -> None:
    async def story() -> None:
        await asyncio.sleep(0.1)
        assert hosts() == ["192.0.2.1"]
        desk.board.answer(503)
        await asyncio.sleep(0.1)
        assert hosts() == ["192.0.2.1", "192.0.2.2"]
        desk.board.answer(200, "Contact: <sip:line@192.0.2.1:5060>;expires=100\r\n")
        await asyncio.sleep(0.1)
        assert desk.all.state("carrier").code == "trunk_registered"
        await asyncio.sleep(90)  # the first server's time is over: it is asked again
        assert hosts()[2:] == ["192.0.2.1"]
        desk.board.answer(503)
        await asyncio.sleep(0.1)
        desk.board.answer(503)
        await asyncio.sleep(1)
        assert hosts()[2:] == ["192.0.2.1", "192.0.2.2"], "both are dead: wait"
        assert desk.all.state("carrier").code == "trunk_registered", "the old grant holds"
        await asyncio.sleep(300)
        assert len(hosts()) > 4

    def hosts() -> list[str]:
        return [target.host for name, target, _ in desk.stack.done if name == "REGISTER"]

    desk = Desk(TrunkSettings("carrier", "carrier.test", port=0, register=True, user="line", password="secret"))
    hops = [Hop("UDP", f"192.0.2.{number}", 5060) for number in (1, 2)]
    desk.trunks.places("carrier").found([Server(rank, 0, (hop,)) for rank, hop in enumerate(hops)])
    run(_with(story(), desk.line))
