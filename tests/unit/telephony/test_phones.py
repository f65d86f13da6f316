"""Where each agent's phone can be reached."""

import pytest

from telephony.phone_pulse import Heard, PhonePulses
from telephony.phones import PHONE_TERMS, Phones, PhoneTarget, fixed_hop
from telephony.sip.hop import Hop
from telephony.sip.uri import parse_sip_uri
from tests.unit.telephony.test_registrar import NOW, SOURCE, Office


@pytest.mark.parametrize(
    ("address", "hop"),
    [
        ("sip:201@192.0.2.20", Hop("UDP", "192.0.2.20", 5060)),
        ("sip:201@[2001:db8::20]:5070", Hop("UDP", "2001:db8::20", 5070)),
        ("sip:201@192.0.2.20;transport=tls", Hop("TLS", "192.0.2.20", 5061)),
        ("sips:201@[2001:db8::20]", Hop("TLS", "2001:db8::20", 5061)),
        ("sip:201@phone.example;transport=TCP", Hop("TCP", "phone.example", 5060)),
    ],
)
def test_where_a_fixed_phone_is(address: str, hop: Hop) -> None:
    assert fixed_hop(parse_sip_uri(address)) == hop


def test_a_fixed_phone_needs_no_registration() -> None:
    fixed = {"201": parse_sip_uri("sip:201@192.0.2.20"), "202": parse_sip_uri("sip:202@192.0.2.21:5070;transport=tcp")}
    phones = Phones(Office().registrar, fixed)
    assert phones.targets("201", NOW) == (PhoneTarget(fixed["201"], Hop("UDP", "192.0.2.20", 5060), terms=PHONE_TERMS),)
    assert phones.targets("202", NOW) == (PhoneTarget(fixed["202"], Hop("TCP", "192.0.2.21", 5070), terms=PHONE_TERMS),)
    assert PHONE_TERMS.codecs == ("PCMA", "PCMU", "G722")


def test_a_registered_phone_is_reached_where_its_register_came_from() -> None:
    office = Office()
    phones = Phones(office.registrar, {})
    assert phones.targets("101", NOW) == ()
    office.register("<sip:101@10.0.0.7:5060>", 60)
    (target,) = phones.targets("101", NOW + 59)
    assert (str(target.uri), target.hop, target.credentials) == ("sip:101@10.0.0.7:5060", SOURCE, None)
    assert phones.targets("101", NOW + 60) == ()


def test_all_phones_of_an_agent_are_found_the_one_refreshed_last_first() -> None:
    office = Office()
    phones = Phones(office.registrar, {})
    office.register("<sip:101@10.0.0.7:5060>", 60)
    office.register("<sip:101@10.0.0.8:5060>", 300, NOW + 1)
    assert [target.uri.host for target in phones.targets("101", NOW + 2)] == ["10.0.0.8", "10.0.0.7"]
    assert [target.uri.host for target in phones.targets("101", NOW + 60)] == ["10.0.0.8"]


def test_a_phone_knows_us_by_the_domain_that_it_has_registered_in() -> None:
    office = Office()
    phones = Phones(office.registrar, {"201": parse_sip_uri("sip:201@192.0.2.20")})
    assert (phones.domains("101", NOW), phones.domains("201", NOW)) == (frozenset(), frozenset())
    office.register("<sip:101@10.0.0.7:5060>", 60)
    assert phones.domains("101", NOW) == {"192.0.2.1"}
    assert phones.domains("102", NOW) == frozenset()
    assert phones.domains("101", NOW + 60) == frozenset()


def test_a_contact_is_called_without_what_no_request_line_may_hold() -> None:
    office = Office()
    phones = Phones(office.registrar, {})
    office.register("<sip:101@10.0.0.7:5060;method=INVITE;ob?Route=%3Csip:x.example%3E>", 60)
    (target,) = phones.targets("101", NOW)
    assert str(target.uri) == "sip:101@10.0.0.7:5060;ob"


def test_phones_that_have_fallen_silent_are_not_rung() -> None:
    office, pulses = Office(), PhonePulses(30.0)
    phones = Phones(office.registrar, {}, pulses=pulses)
    office.register("<sip:101@10.0.0.7:5060>", 600)
    office.register("<sip:101@10.0.0.8:5060>", 600, NOW + 1)
    silent = phones.of("101", NOW + 1)[0]
    pulses.keep([phone.key for phone in phones.of("101", NOW + 1)], NOW + 1)
    for heard in (Heard.ANSWER, Heard.SILENCE, Heard.SILENCE):
        assert silent.key in pulses.to_ask(NOW + 100)
        for key in pulses.overdue(NOW + 200):
            pulses.hear(key, heard if key == silent.key else Heard.ANSWER, NOW + 60)
    assert [target.uri.host for target in phones.targets("101", NOW + 60)] == ["10.0.0.7"]
    assert len(phones.of("101", NOW + 60)) == 2
