"""What the console shows of trunks, over a stack that a test answers for."""

import asyncio

from service.qualify import Qualifier
from service.registrations import Registrations
from service.supervisor import Supervisor
from service.trunk_status import TrunkStatus
from telephony.sip.events import Responded
from telephony.sip.hop import Hop
from telephony.sip.locating import Server
from telephony.trunk import TrunkBook, TrunkSettings
from tests.unit.telephony.doubles import Rooms
from tests.virtual_loop import LoopClock, run


class Board:
    """Keeps who waits for which answer."""

    def __init__(self) -> None:
        self.waiting: dict[str, object] = {}

    def expect(self, key: str, handler: object) -> None:
        self.waiting[key] = handler


def test_every_trunk_with_its_addresses_registration_and_calls() -> None:
    async def story() -> None:
        rooms, board, tasks = Rooms(), Board(), Supervisor()
        book = TrunkBook(
            [
                TrunkSettings("two", "carrier.test", port=0, transport="", options_s=30.0, calls_per_s=5.0),
                TrunkSettings("account", "203.0.113.9", register=True, user="line", password="x"),
            ]
        )
        dead, live = (Hop("UDP", f"192.0.2.{number}", 5060) for number in (1, 2))
        book.places("two").found([Server(1, 0, (dead,)), Server(2, 0, (live,))])
        qualifier = Qualifier(rooms.stack, board, book, LoopClock(), rooms.log)
        registrations = Registrations(rooms.stack, board, book, LoopClock())
        status = TrunkStatus(book, registrations, qualifier, LoopClock())
        running = asyncio.create_task(qualifier.run())
        registrations.begin(tasks)
        await asyncio.sleep(0.1)
        assert [one.pulse for one in status.trunks()[0].addresses] == ["unknown", "unknown"]
        for key, handler in tuple(board.waiting.items()):
            method, hop, *_ = rooms.stack.done[int(key.removeprefix("k")) - 1]
            if method == "OPTIONS":
                await asyncio.sleep(0.02)
                handler(Responded(key, 408 if hop == dead else 200, None))
            else:
                handler(Responded(key, 403, None))
        assert book.take("two")
        two, account = status.trunks()
        assert (two.name, two.transport, two.calls, two.max_calls, two.calls_per_s) == ("two", "auto", 1, 30, 5.0)
        assert (two.state, two.registers, two.registered_for_s) == ("ok", False, None)
        first, second = two.addresses
        assert (first.address, first.failures) == ("udp:192.0.2.1:5060", 1) and first.avoided_s > 0
        assert (second.pulse, second.avoided_s) == ("up", 0.0) and second.round_trip_ms
        assert (account.state, account.code, account.values) == ("down", "trunk_refused", [0, 403])
        assert account.registers and account.registered_for_s is None
        assert account.register_again_s is not None and account.register_again_s > 100
        assert account.addresses[0].pulse == "not_asked"
        book.places("two").fault = "the DNS does not answer"
        assert status.trunks()[0].lookup == "the DNS does not answer"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await tasks.close()

    run(story())
