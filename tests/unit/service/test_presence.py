"""Who can be rung is told to call distribution once for each change."""

from core.clock import VirtualClock
from service.presence import Presence
from telephony.phones import Phones
from telephony.sip.uri import parse_sip_uri
from tests.unit.telephony.test_registrar import NOW, Office


class Told:
    """What call distribution hears."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def phone_registered(self, agent: str) -> None:
        self.said.append((agent, "up"))

    def phone_lost(self, agent: str) -> None:
        self.said.append((agent, "lost"))


def test_phones_come_go_and_run_out() -> None:
    office, clock, told = Office(), VirtualClock(NOW), Told()
    phones = Phones(office.registrar, {"201": parse_sip_uri("sip:201@192.0.2.20")})
    presence = Presence(["101", "201", "102"], phones, told, clock)
    office.registrar.on_change = lambda _agent: presence.look()
    presence.look()
    presence.look()
    assert told.said == [("201", "up")], "a fixed phone is always there"
    office.register(expires=60)
    office.register(expires=60)
    assert told.said[1:] == [("101", "up")]
    office.register(expires=0)
    assert told.said[2:] == [("101", "lost")]
    office.register(expires=60)
    clock.advance(59)
    presence.look()
    assert told.said[3:] == [("101", "up")]
    clock.advance(1)
    presence.look()
    presence.look()
    assert told.said[4:] == [("101", "lost")], "registrations also end in silence"


def test_agents_who_are_gone_have_no_phone_and_new_ones_are_looked_for() -> None:
    office, clock, told = Office(), VirtualClock(NOW), Told()
    phones = Phones(office.registrar, {"201": parse_sip_uri("sip:201@192.0.2.20")})
    presence = Presence(["101", "201"], phones, told, clock)
    office.register(expires=60)
    presence.look()
    phones.change({"202": parse_sip_uri("sip:202@192.0.2.21")})
    presence.change(["101", "202"])
    assert told.said == [("101", "up"), ("201", "up"), ("201", "lost"), ("202", "up")]
    office.registrar.on_change = lambda _agent: presence.look()
    office.registrar.forget("101", NOW)
    office.registrar.forget("101", NOW)
    assert told.said[4:] == [("101", "lost")]
    assert not office.registrar.knows("198.51.100.4", NOW)
