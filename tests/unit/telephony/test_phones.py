"""Where each agent's phone can be reached."""

from telephony.phones import PHONE_TERMS, Phones, PhoneTarget
from telephony.sip.hop import Hop
from telephony.sip.uri import parse_sip_uri
from tests.unit.telephony.test_registrar import NOW, SOURCE, Office


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
