"""Agents' phones are asked whether they are there: real stacks on a wire in memory, on virtual time."""

import asyncio
import random
from collections.abc import Coroutine

import pytest

from console.views import Component
from console.web import PAGES
from core.bus import MemoryLog
from core.clock import Clock
from core.errors import CallRejected
from core.ids import Ids
from service.phone_status import PhoneStatus
from service.phone_watch import PhoneWatch
from service.presence import Presence
from telephony.audio import AudioRoom
from telephony.doorkeeper import Doorkeeper
from telephony.facts import PhoneAnswers, PhoneGone, PhoneRegistered, PhoneSilent
from telephony.media.double import MediaDouble
from telephony.phone_pulse import PhonePulses, Pulse
from telephony.phones import Phones
from telephony.registrar import Registrar
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.digest_server import DigestServer
from telephony.sip.events import Invited, Requested, SipEvent
from telephony.sip.hop import UDP, Hop
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri, parse_sip_uri
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook
from tests.scenario.house_wire import Wire
from tests.unit.service.test_presence import Told
from tests.virtual_loop import LoopClock, run

SERVER = "10.0.0.1"


class Handset:
    """A phone that registers, and answers OPTIONS or not."""

    def __init__(self, wire: Wire, clock: Clock, host: str, user: str, status: int | None = 200) -> None:
        self.hop = Hop(UDP, host, 5060)
        self.asked = 0
        self.routes: set[tuple[str, str]] = set()
        """Method and Route of what came."""
        self._wire = wire
        self._user = user
        self._status = status
        self._stack: SipStack = wire.stack(host, clock)
        self._stack.subscribe(self._on_sip)

    async def register(self, expires_s: int = 300, headers: tuple[tuple[str, str], ...] = ()) -> None:
        await self._stack.start()
        me = NameAddress(SipUri(SERVER, user=self._user))
        contact = f"<sip:{self._user}@{self.hop.host}>"
        self._stack.request(
            Hop(UDP, SERVER, 5060), "REGISTER", SipUri(SERVER), me, me, Credentials(self._user, "secret"),
            headers=(("Contact", contact), ("Expires", str(expires_s)), *headers),
        )  # fmt: skip
        await asyncio.sleep(1.0)

    async def starts(self) -> None:
        await self._stack.start()

    def says(self, status: int | None) -> None:
        self._status = status

    def dies(self) -> None:
        self._wire.dead.add(self.hop)

    def lives_again(self) -> None:
        self._wire.dead.discard(self.hop)

    def _on_sip(self, event: SipEvent) -> None:
        match event:
            case Requested(key=key, request=request) if request.method == "OPTIONS":
                self.asked += 1
                self.routes.add(("OPTIONS", ", ".join(map(str, request.routes))))
                if self._status is not None:
                    self._stack.answer_request(key, self._status)
            case Invited(request=request, session=session):
                self.routes.add(("INVITE", ", ".join(map(str, request.routes))))
                self._stack.reject(session, 486)
            case _:
                pass


class House:
    """A registrar, its switchboard, and the watch over agents' phones."""

    def __init__(self, options_s: float = 30.0, fixed: dict[str, str] | None = None) -> None:
        self.clock = LoopClock()
        chance = random.Random(4)
        self.wire = Wire(chance)
        self.log = MemoryLog(self.clock)
        self.told = Told()
        stack = self.wire.stack(SERVER, self.clock)
        digest = DigestServer("line400", chance.randbytes(32))
        passwords = {"101": "secret", "102": "secret"}
        registrar = Registrar(digest, passwords)
        self.phones = Phones(
            registrar,
            {agent: parse_sip_uri(uri) for agent, uri in (fixed or {}).items()},
            pulses=PhonePulses(options_s),
        )
        trunks, ids = TrunkBook([]), Ids(self.clock, chance.randbytes)
        switchboard = Switchboard(
            stack=stack, room=AudioRoom(MediaDouble(), ids), log=self.log, clock=self.clock, ids=ids,
            trunks=trunks, phones=self.phones, doorkeeper=Doorkeeper(trunks, registrar, digest, passwords),
        )  # fmt: skip
        agents = ["101", "102", "201"]
        self.watch = PhoneWatch(agents, self.phones, stack, switchboard, self.clock, self.log)
        presence = Presence(agents, self.phones, self.told, self.clock)
        self.watch.told = presence.look_at

        def registered(agent: str) -> None:
            self.watch.registered(agent)
            presence.look_at(agent)

        registrar.on_change = registered
        self.registrar = registrar
        self.switchboard = switchboard
        self._stack = stack
        self._presence = presence

    def handset(self, place: int, user: str = "101", status: int | None = 200) -> Handset:
        return Handset(self.wire, self.clock, f"10.0.1.{place}", user, status)

    async def live(self, story: Coroutine[None, None, None]) -> None:
        await self._stack.start()
        self._presence.look()
        watching = asyncio.create_task(self.watch.run())
        await story
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    def facts(self) -> list[object]:
        return [event.fact for event in self.log.events]

    def reachable(self, agent: str = "101") -> list[str]:
        return [target.uri.host for target in self.phones.targets(agent, self.clock.now())]


def test_a_phone_that_stops_answering_gets_no_calls_until_it_answers_again() -> None:
    async def story() -> None:
        house = House()
        handset = house.handset(1)

        async def day() -> None:
            await handset.register()
            await asyncio.sleep(95.0)
            assert handset.asked == 4, "at once, and every half minute"
            assert house.told.said == [("101", "up")]
            handset.dies()
            await asyncio.sleep(45.0)
            assert house.told.said[1:] == [("101", "lost")]
            assert house.reachable() == []
            await asyncio.sleep(100.0)
            handset.lives_again()
            await asyncio.sleep(10.0)
            assert house.told.said[2:] == [("101", "up")]
            assert house.facts() == [
                PhoneRegistered("101", "sip:101@10.0.1.1", "udp:10.0.1.1:5060", "Line400"),
                PhoneSilent("101", "sip:101@10.0.1.1"),
                PhoneAnswers("101", "sip:101@10.0.1.1"),
            ]

        await house.live(day())

    run(story())


def test_a_silent_phone_that_registers_is_rung_from_that_moment_on() -> None:
    async def story() -> None:
        house = House()
        comes_back, stays_away = house.handset(1), house.handset(2)

        async def day() -> None:
            await comes_back.register()
            await stays_away.register()
            comes_back.dies()
            stays_away.dies()
            await asyncio.sleep(60.0)
            assert house.reachable() == []
            reachable: list[list[str]] = []
            registered = house.registrar.on_change

            def look(agent: str) -> None:
                registered(agent)
                reachable.append(house.reachable())

            house.registrar.on_change = look
            comes_back.lives_again()
            await comes_back.register()
            assert reachable == [["10.0.1.1"]], "when its REGISTER is answered, and no other phone of his"
            assert house.told.said[-1] == ("101", "up")
            assert house.facts()[-1] == PhoneAnswers("101", "sip:101@10.0.1.1")
            await asyncio.sleep(60.0)
            assert house.reachable() == ["10.0.1.1"], "it has answered since"

        await house.live(day())

    run(story())


def test_what_the_console_is_told() -> None:
    async def story() -> None:
        house = House(fixed={"201": "sip:201@10.0.1.9"})
        handset, deaf = house.handset(1), house.handset(2, "102", None)
        status = PhoneStatus(house.phones, lambda: house.watch.agents, house.clock)

        async def day() -> None:
            await handset.register()
            await deaf.register()
            await asyncio.sleep(10.0)
            alive, mute, fixed = status.phones()
            assert (alive.agent, alive.contact, alive.address) == ("101", "sip:101@10.0.1.1", "udp:10.0.1.1:5060")
            assert (alive.state, alive.fixed, alive.round_trip_ms) == ("alive", False, 20.0)
            assert alive.expires_at is not None and alive.refreshed_at is not None
            assert alive.expires_at - alive.refreshed_at == 300
            assert (mute.agent, mute.state, mute.round_trip_ms) == ("102", "mute", None)
            assert (fixed.agent, fixed.state, fixed.fixed, fixed.expires_at) == ("201", "mute", True, None)
            assert status.component() == Component("phones", "ok", "3 phones, 0 do not answer", "phones_there", [3, 0])
            handset.dies()
            await asyncio.sleep(60.0)
            assert status.phones()[0].state == "silent"
            assert (status.component().state, status.component().code) == ("degraded", "phones_silent")

        await house.live(day())

    run(story())


def test_the_pages_have_words_for_every_state_of_a_phone() -> None:
    words = (PAGES / "words.js").read_text("utf-8")
    for pulse in Pulse:
        assert f'"phone.{pulse.value}":' in words and f'"phone.{pulse.value}.means":' in words


def test_of_two_phones_the_one_that_answers_is_rung() -> None:
    async def story() -> None:
        house = House()
        dies, stays = house.handset(1), house.handset(2)

        async def day() -> None:
            await dies.register()
            await stays.register()
            assert house.reachable() == ["10.0.1.2", "10.0.1.1"]
            dies.dies()
            await asyncio.sleep(60.0)
            assert house.reachable() == ["10.0.1.2"]
            assert house.told.said == [("101", "up")], "the agent can be rung all the time"

        await house.live(day())

    run(story())


def test_a_phone_that_never_answers_options_is_rung_all_the_same() -> None:
    async def story() -> None:
        house = House()
        deaf, strange = house.handset(1, "101", None), house.handset(2, "102", 405)

        async def day() -> None:
            await deaf.register()
            await strange.register()
            await asyncio.sleep(290.0)
            assert (house.reachable("101"), house.reachable("102")) == (["10.0.1.1"], ["10.0.1.2"])
            pulse = house.phones.pulses.of(house.phones.of("101", house.clock.now())[0].key)
            assert pulse is not None and pulse.state is Pulse.MUTE
            assert deaf.asked > 5

        await house.live(day())

    run(story())


def test_a_phone_behind_a_proxy_is_asked_and_rung_by_its_path() -> None:
    async def story() -> None:
        house = House()
        handset = house.handset(1)
        path = "<sip:10.0.1.1;lr>, <sip:inner@10.9.9.9;lr>"

        async def day() -> None:
            await handset.register(headers=(("Supported", "path"), ("Path", path)))
            with pytest.raises(CallRejected):
                await house.switchboard.ring("101", "c1", caller="13800138000", timeout_s=5)
            assert handset.routes == {("OPTIONS", path), ("INVITE", path)}

        await house.live(day())

    run(story())


def test_what_a_proxy_says_in_place_of_a_phone_that_is_gone() -> None:
    async def story() -> None:
        house = House()
        behind = house.handset(1, "101", 408)

        async def day() -> None:
            await behind.register()
            await asyncio.sleep(30.0)
            assert house.reachable() == []

        await house.live(day())

    run(story())


def test_a_phone_that_could_not_be_reached_and_then_says_nothing_is_rung() -> None:
    async def story() -> None:
        house = House(fixed={"201": "sip:201@10.0.1.9"})
        fixed = house.handset(9, "201", 503)  # its proxy, before it is there
        status = PhoneStatus(house.phones, lambda: house.watch.agents, house.clock)

        async def day() -> None:
            await fixed.starts()
            await asyncio.sleep(30.0)
            assert (house.reachable("201"), status.phones()[0].state) == ([], "absent")
            fixed.says(None)
            await asyncio.sleep(30.0)
            assert (house.reachable("201"), status.phones()[0].state) == (["10.0.1.9"], "mute")
            assert house.told.said == [("201", "up"), ("201", "lost"), ("201", "up")]

        await house.live(day())

    run(story())


def test_fixed_phones_are_asked_too_and_switched_off_nobody_is() -> None:
    async def story(options_s: float, asked: int) -> None:
        house = House(options_s, {"201": "sip:201@10.0.1.9"})
        fixed = house.handset(9, "201")

        async def day() -> None:
            await fixed.starts()
            await asyncio.sleep(65.0)
            assert fixed.asked == asked
            fixed.dies()
            await asyncio.sleep(60.0)
            assert house.reachable("201") == (["10.0.1.9"] if not asked else [])

        await house.live(day())

    run(story(30.0, 3))
    run(story(0.0, 0))


def test_the_log_says_who_has_gone_and_why_but_nothing_of_refreshes() -> None:
    async def story() -> None:
        house = House()
        leaves, runs_out = house.handset(1), house.handset(2, "102")

        async def day() -> None:
            await leaves.register()
            await runs_out.register(60)
            await leaves.register()
            await leaves.register(0)
            runs_out.dies()
            await asyncio.sleep(70.0)
            gone = [fact for fact in house.facts() if isinstance(fact, PhoneGone)]
            assert gone == [
                PhoneGone("101", "sip:101@10.0.1.1", "unregistered"),
                PhoneGone("102", "sip:102@10.0.1.2", "expired"),
            ]
            assert len(house.log.facts(PhoneRegistered)) == 2

        await house.live(day())

    run(story())
