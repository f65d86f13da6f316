"""The pulse of trunks: on virtual time, over a stack that a test answers for."""

import asyncio
from dataclasses import replace

from service.qualify import Qualifier, trunk_state
from service.registrations import Registrations
from telephony.facts import TrunkDown, TrunkUp
from telephony.sip.events import Responded
from telephony.sip.hop import Hop
from telephony.sip.locating import Server
from telephony.trunk import TrunkBook, TrunkGroup, TrunkSettings
from telephony.trunk_pulse import Pulse
from tests.unit.telephony.doubles import Rooms
from tests.virtual_loop import LoopClock, run

TRUNKS = (
    TrunkSettings("near", "203.0.113.5", options_s=30.0),
    TrunkSettings("far", "203.0.113.6", options_s=30.0),
    TrunkSettings("mute", "203.0.113.7"),
)


class Board:
    """Keeps who waits for which answer."""

    def __init__(self) -> None:
        self.waiting: dict[str, object] = {}

    def expect(self, key: str, handler: object) -> None:
        self.waiting[key] = handler


def test_a_carrier_that_falls_silent_is_down_until_it_answers_again() -> None:
    async def story() -> None:
        rooms, board = Rooms(), Board()
        book = TrunkBook(TRUNKS, [TrunkGroup("all", ("near", "far", "mute"))])
        qualifier = Qualifier(rooms.stack, board, book, LoopClock(), rooms.log)
        registrations = Registrations(rooms.stack, board, book, LoopClock())
        alive = {"near": True, "far": True}

        async def carriers() -> None:
            while True:
                for key in tuple(board.waiting):
                    handler = board.waiting.pop(key)
                    name = names[key]
                    handler(Responded(key, 200 if alive[name] else 408, None))
                await asyncio.sleep(0.1)

        names = Names(rooms)
        tasks = [asyncio.create_task(qualifier.run()), asyncio.create_task(carriers())]
        await asyncio.sleep(40)
        assert trunk_state(registrations, qualifier, "near").level == "ok"
        assert rooms.log.facts(TrunkUp) == [TrunkUp("near"), TrunkUp("far")]
        alive["near"] = False
        await asyncio.sleep(60)
        assert rooms.log.facts(TrunkDown) == [TrunkDown("near", "does not answer")]
        assert trunk_state(registrations, qualifier, "near").code == "trunk_silent"
        assert [trunk.name for trunk in book.candidates("all")] == ["far", "mute", "near"]
        alive["near"] = True
        await asyncio.sleep(10)
        assert rooms.log.facts(TrunkUp)[-1] == TrunkUp("near")
        assert [trunk.name for trunk in book.candidates("all")] == ["near", "far", "mute"]
        assert trunk_state(registrations, qualifier, "mute").code == "trunk_by_address"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(story())


def test_a_carrier_with_a_dead_address_is_up_and_its_living_one_is_called_first() -> None:
    async def story() -> None:
        rooms, board = Rooms(), Board()
        book = TrunkBook([TrunkSettings("two", "carrier.test", port=0, options_s=30.0)])
        dead, live = (Hop("UDP", f"192.0.2.{number}", 5060) for number in (1, 2))
        book.places("two").found([Server(1, 0, (dead,)), Server(2, 0, (live,))])
        qualifier = Qualifier(rooms.stack, board, book, LoopClock(), rooms.log)

        async def carriers() -> None:
            while True:
                for key in tuple(board.waiting):
                    asked = [entry for entry in rooms.stack.done if entry[0] == "OPTIONS"]
                    hop = asked[int(key.removeprefix("k")) - 1][1]
                    board.waiting.pop(key)(Responded(key, 408 if hop == dead else 200, None))
                await asyncio.sleep(0.1)

        tasks = [asyncio.create_task(qualifier.run()), asyncio.create_task(carriers())]
        await asyncio.sleep(40)
        assert rooms.log.facts(TrunkUp) == [TrunkUp("two")] and rooms.log.facts(TrunkDown) == []
        pulses = [qualifier.pulse("two", hop) for hop in (dead, live)]
        assert [pulse.state for pulse in pulses if pulse] == [Pulse.DOWN, Pulse.UP]
        assert book.places("two").order(LoopClock().now()) == [live, dead]
        book.places("two").found([Server(1, 0, (live,))])
        await asyncio.sleep(1)
        assert qualifier.pulse("two", dead) is None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run(story())


class Names:
    """Whose pulse the request ``key`` of the stack asks for."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def __getitem__(self, key: str) -> str:
        asked = [entry for entry in self._rooms.stack.done if entry[0] == "OPTIONS"]
        hosts = {trunk.host: trunk.name for trunk in TRUNKS}
        return hosts[asked[int(key.removeprefix("k")) - 1][1].host]


def test_a_change_keeps_what_is_known_of_trunks_that_stay() -> None:
    async def story() -> None:
        rooms, board = Rooms(), Board()
        book = TrunkBook(TRUNKS)
        qualifier = Qualifier(rooms.stack, board, book, LoopClock(), rooms.log)
        running = asyncio.create_task(qualifier.run())
        await asyncio.sleep(1.0)
        names = Names(rooms)
        assert [names[key] for key in board.waiting] == ["near", "far"]
        near, late = [board.waiting[key] for key in board.waiting]
        near(Responded("k1", 200, None))
        book.change([TRUNKS[0], replace(TRUNKS[1], host="203.0.113.66"), replace(TRUNKS[2], options_s=10.0)])
        qualifier.change()
        late(Responded("k2", 200, None))  # of the trunk as it was
        await asyncio.sleep(1.0)
        known = [qualifier.pulse(trunk.name, trunk.hop) for trunk in book.all()]
        assert [pulse.state for pulse in known if pulse] == [Pulse.UP, Pulse.UNKNOWN, Pulse.UNKNOWN]
        assert rooms.log.facts(TrunkUp) == [TrunkUp("near")]
        assert len(board.waiting) == 4, "the changed one and the new one were asked"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(story())
