"""Registrations outlive a restart: as text and back, for who is there still and can be reached still."""

import json
import random

import pytest

from core.errors import ParseError
from telephony.kept_phones import KeptPhone, KeptPhones, line_of, mark_of, phone_of
from telephony.registrar import Binding, Limits, Registrar
from telephony.sip.address import parse_address
from telephony.sip.digest_server import DigestServer
from telephony.sip.hop import Hop
from telephony.sip.outbound import Flow
from telephony.sip.uri import parse_sip_uri
from tests.unit.telephony.test_registrar import NOW, SOURCE

PASSWORDS = {"101": "a", "102": "b"}
DESK = Binding(parse_sip_uri("sip:101@198.51.100.4:6000"), SOURCE, "c1", 7, NOW, NOW + 120)
BEHIND_NAT = Binding(
    parse_sip_uri("sip:101@10.0.0.7:5060;ob"), Hop("UDP", "2001:db8::7", 40000), 'c"2', 1, NOW - 5, NOW + 60.5,
    Flow("<urn:uuid:00000000-0000-1000-8000-000A95A0E128>", 1), "话机 1.0",
    (parse_address("<sip:p1.example.com;lr>"), parse_address('"front" <sip:u@192.0.2.9:5070;lr>')), "example.com",
)  # fmt: skip


def house(
    passwords: dict[str, str] | None = None, *, longest_s: int = 300, phones: int = 4
) -> tuple[Registrar, KeptPhones]:
    known = PASSWORDS if passwords is None else passwords
    limits = Limits(phones, max_expires_s=longest_s)
    registrar = Registrar(DigestServer("line400", b"0" * 16), known, limits)
    return registrar, KeptPhones(registrar, known)


def text_of(*bindings: Binding, agent: str = "101", password: str = "a") -> str:
    return "".join(line_of(KeptPhone(agent, mark_of(agent, password), binding)) for binding in bindings)


@pytest.mark.parametrize("binding", [DESK, BEHIND_NAT])
def test_a_line_says_all_that_there_is_to_know(binding: Binding) -> None:
    kept = KeptPhone("101", "0a1b", binding)
    line = line_of(kept)
    assert line.count("\n") == 1 and line.isascii()
    again = phone_of(line)
    assert (again.agent, again.mark) == ("101", "0a1b")
    assert line_of(again) == line
    assert (again.binding.hop, again.binding.flow, again.binding.key) == (binding.hop, binding.flow, binding.key)
    assert [str(proxy) for proxy in again.binding.path] == [str(proxy) for proxy in binding.path]


def test_phones_are_there_after_a_restart_and_run_out_as_they_would_have() -> None:
    before, kept = house()
    before.restore("101", [DESK, BEHIND_NAT], NOW)
    text = kept.text(NOW)
    assert text is not None

    after, again = house()
    told: list[str] = []
    after.on_change = told.append
    assert again.restore(text, NOW + 10) == 0
    assert [binding.uri.host for binding in after.contacts("101", NOW + 10)] == ["198.51.100.4", "10.0.0.7"]
    assert after.knows("198.51.100.4", NOW + 10) and told == ["101"]
    assert [binding.expires_at for binding in after.contacts("101", NOW + 70)] == [NOW + 120]
    assert after.contacts("101", NOW + 120) == []


def test_what_has_run_out_meanwhile_is_over_and_nothing_holds_longer_than_is_granted_now() -> None:
    registrar, kept = house(longest_s=60)
    kept.restore(text_of(DESK, BEHIND_NAT), NOW + 61)
    assert [binding.expires_at for binding in registrar.contacts("101", NOW + 61)] == [NOW + 120]
    other, kept = house(longest_s=60)
    kept.restore(text_of(DESK), NOW)
    assert [binding.expires_at for binding in other.contacts("101", NOW)] == [NOW + 60]


@pytest.mark.parametrize(
    ("contact", "source", "reached"),
    [
        ("sip:101@192.0.2.20:5070;transport=tcp", Hop("TCP", "192.0.2.20", 41000), Hop("TCP", "192.0.2.20", 5070)),
        ("sip:101@10.0.0.7:5070;transport=tcp", Hop("TCP", "192.0.2.20", 41000), None),
        ("sip:101@a1b2.invalid;transport=ws", Hop("WSS", "192.0.2.20", 41000), None),
    ],
)
def test_whose_connection_died_with_us_is_reached_where_he_listens_or_comes_again(
    contact: str, source: Hop, reached: Hop | None
) -> None:
    registrar, kept = house()
    kept.restore(text_of(Binding(parse_sip_uri(contact), source, "c", 1, NOW, NOW + 100)), NOW)
    assert [binding.hop for binding in registrar.contacts("101", NOW)] == ([] if reached is None else [reached])


@pytest.mark.parametrize("passwords", [{}, {"102": "b"}, {"101": "another", "102": "b"}])
def test_who_is_gone_or_has_another_password_registers_anew(passwords: dict[str, str]) -> None:
    registrar, kept = house(passwords)
    assert kept.restore(text_of(DESK), NOW) == 0
    assert registrar.contacts("101", NOW) == []


def test_who_has_registered_meanwhile_is_where_he_says_now() -> None:
    registrar, kept = house(phones=1)
    now_here = Binding(DESK.uri, Hop("UDP", "198.51.100.99", 7000), "c9", 1, NOW + 2, NOW + 122)
    registrar.restore("101", [now_here], NOW + 2)
    kept.restore(text_of(DESK, BEHIND_NAT), NOW + 3)
    assert registrar.contacts("101", NOW + 3) == [now_here]


def test_only_what_changes_is_written_anew() -> None:
    registrar, kept = house()
    assert kept.text(NOW) == ""
    assert kept.text(NOW) is None
    registrar.on_change = kept.changed
    registrar.restore("101", [DESK], NOW)
    registrar.restore("102", [BEHIND_NAT], NOW)
    assert kept.text(NOW) == text_of(DESK) + text_of(BEHIND_NAT, agent="102", password="b")
    registrar.forget("101", NOW)
    assert kept.text(NOW) == text_of(BEHIND_NAT, agent="102", password="b")


def test_a_file_that_was_cut_or_written_to_costs_only_the_lines_that_it_broke() -> None:
    whole = text_of(DESK)
    fields = json.loads(whole)
    broken = [
        whole[:40], "[]", "null", "{}", "[" * 5000, "x" * 20_000,
        *(json.dumps(fields | {name: wrong}) for name in fields for wrong in (["x"], -1, {"a": 1}, True)),
        json.dumps(fields | {"hop": [[], "192.0.2.1", 5]}), json.dumps(fields | {"hop": ["UDP", "a.example", 5]}),
        json.dumps(fields | {"hop": ["UDP", "::1", 0]}), json.dumps(fields | {"contact": "tel:110"}),
        json.dumps(fields | {"path": ["<tel:110>"]}), json.dumps(fields | {"expires_at": float("nan")}),
        json.dumps(fields | {"flow": ["x", "1"]}),
    ]  # fmt: skip
    registrar, kept = house()
    assert kept.restore("\n".join([*broken, whole]), NOW) == len(broken)
    assert len(registrar.contacts("101", NOW)) == 1


def test_no_octets_break_it() -> None:
    chance = random.Random(5)
    whole = text_of(BEHIND_NAT)
    for _ in range(300):
        place = chance.randrange(len(whole))
        try:
            phone_of(whole[:place] + chr(chance.randrange(0x20, 0x500)) + whole[place + chance.randrange(3) :])
        except ParseError:
            continue
