"""Who may come from where, and who may be whom."""

import pytest

from telephony.defence import DefenceSettings
from telephony.doorkeeper import Admitted
from telephony.security_facts import SourceBarred
from telephony.sip.hop import Hop
from tests.unit.telephony.security_bench import (
    CARRIER,
    DIALLED,
    PASSWORDS,
    PHONE,
    REGISTRAR,
    STRANGER,
    House,
    networks,
    proof,
    wire,
)


def call(house: House, source: Hop, user: str = "101") -> list[int]:
    line = proof(house.challenged("INVITE", source), "INVITE", DIALLED, user, PASSWORDS[user])
    return [sent.status for sent in house.give(wire("INVITE", DIALLED, line), source)]


def test_security_what_is_blocked_is_not_read() -> None:
    house = House(DefenceSettings(blocked=networks("198.51.100.64/26", "2001:db8::/32")))
    for data in (wire(), wire("REGISTER"), wire("OPTIONS"), b"broken SIP/2.0\r\n\r\n"):
        assert house.give(data) == []
        assert house.give(data, Hop("UDP", "2001:db8::7", 5060)) == []
        assert house.give(data, Hop("UDP", "::ffff:198.51.100.66", 5060)) == []
    assert len(house.give(wire("OPTIONS"), PHONE)) == 1


def test_security_phones_register_and_call_only_from_their_networks() -> None:
    house = House(DefenceSettings(phone_networks=networks("198.51.100.0/28")))
    right = house.register("101", PASSWORDS["101"], STRANGER)
    wrong = house.register("101", "guessed", STRANGER)
    assert [sent.status for sent in (*right, *wrong)] == [401, 401], "the same answer to both"
    assert call(house, STRANGER) == [401]
    assert house.registrar.contacts("101", house.now) == []
    assert [sent.status for sent in house.register("101", PASSWORDS["101"], PHONE)] == [200]
    assert house.facts == [SourceBarred(STRANGER.host, 1)]


def test_security_an_agents_phone_is_bound_to_the_agents_own_networks() -> None:
    house = House(
        DefenceSettings(
            phone_networks=networks("198.51.100.0/28"), agent_networks={"102": networks("198.51.100.66/32")}
        )
    )
    assert [sent.status for sent in house.register("102", PASSWORDS["102"], PHONE)] == [401]
    assert [sent.status for sent in house.register("102", PASSWORDS["102"], STRANGER)] == [200]
    assert [sent.status for sent in house.register("101", PASSWORDS["101"], STRANGER)] == [401]


@pytest.mark.parametrize("source", [PHONE, STRANGER])
def test_security_nobody_calls_without_proof(source: Hop) -> None:
    """Toll fraud begins with a call that is let in."""
    house = House()
    house.register("101", PASSWORDS["101"], PHONE)
    for number in ("4008001234", "008190012345", "101"):
        sent = house.give(wire("INVITE", f"sip:{number}@192.0.2.1", user="101"), source)
        assert [one.status for one in sent] == [401], "also from the address of a phone of ours"
    assert house.admitted == []


def test_security_a_carrier_is_known_by_its_address_only() -> None:
    house = House()
    fields = "P-Asserted-Identity: <sip:+8613800138000@203.0.113.5>\r\nVia: SIP/2.0/UDP 203.0.113.5\r\n"
    sent = house.give(wire("INVITE", headers=fields), STRANGER)
    assert [one.status for one in sent] == [401], "whatever its headers say"
    house.give(wire("INVITE", user="13800138000"), CARRIER)
    assert [one.trunk for one in house.admitted] == ["carrier"]


def test_security_a_phone_calls_as_itself() -> None:
    house = House()
    line = proof(house.challenged("INVITE"), "INVITE", DIALLED, "101", PASSWORDS["101"])
    house.give(wire("INVITE", DIALLED, line, user="102"))
    assert house.admitted == [Admitted("101", "4008001234", agent="101")], "From is not believed"


def test_security_nobody_registers_for_another() -> None:
    """Hijack: 102's password does not move 101's calls; a carrier's address proves nothing either."""
    house = House()
    line = proof(house.challenged(), "REGISTER", REGISTRAR, "102", PASSWORDS["102"])
    assert [sent.status for sent in house.give(wire("REGISTER", REGISTRAR, line, user="101"))] == [403]
    assert [sent.status for sent in house.give(wire("REGISTER", REGISTRAR, user="101"), CARRIER)] == [401]
    assert house.registrar.contacts("101", house.now) == []


def test_security_calls_go_to_where_the_phone_registered_from() -> None:
    """A Contact that names somebody else sends him nothing."""
    house = House()
    line = proof(house.challenged(source=PHONE), "REGISTER", REGISTRAR, "101", PASSWORDS["101"])
    house.give(wire("REGISTER", REGISTRAR, line + "Contact: <sip:101@203.0.113.99>\r\n"), PHONE)
    (binding,) = house.registrar.contacts("101", house.now)
    assert binding.hop == PHONE


def test_security_networks_of_agents_may_change_while_it_works() -> None:
    house = House()
    house.defence.change(DefenceSettings(agent_networks={"101": networks("192.0.2.0/24")}))
    assert [sent.status for sent in house.register("101", PASSWORDS["101"], PHONE)] == [401]
    house.defence.change(DefenceSettings())
    assert [sent.status for sent in house.register("101", PASSWORDS["101"], PHONE)] == [200]
