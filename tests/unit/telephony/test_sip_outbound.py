"""Flows of phones (RFC 5626) at the registrar, and in the dialogs of calls."""

import pytest

from telephony.sip.dialog import dialog_of_request
from telephony.sip.hop import Hop
from telephony.sip.message import Response
from telephony.sip.outbound import after_loss, flow_timer_of
from telephony.sip.parser import parse_message
from telephony.sip.uri import parse_sip_uri
from tests.unit.telephony.doubles import request
from tests.unit.telephony.test_registrar import NOW, SOURCE, Office, office

__all__ = ["office"]
INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"'
SUPPORTED = "Supported: path, outbound\r\n"


def contact(host: str = "x1.invalid", reg_id: object = 1, instance: str = INSTANCE) -> str:
    return f"<sip:101@{host};transport=ws>;reg-id={reg_id};{instance}"


def test_a_new_connection_replaces_the_old_one_of_the_same_phone(office: Office) -> None:
    reply = office.register(contact(), 120, more=SUPPORTED)
    assert reply.status == 200
    assert reply.headers == (
        ("Contact", f"<sip:101@x1.invalid;transport=ws>;expires=120;{INSTANCE};reg-id=1"),
        ("Require", "outbound"),
        ("Flow-Timer", "120"),
    )
    assert office.register(contact("x2.invalid"), 120, call_id="c2", more=SUPPORTED).status == 200
    (binding,) = office.registrar.contacts("101", NOW)
    assert binding.uri.host == "x2.invalid"
    assert office.register(contact("x2.invalid"), 0, call_id="c2", more=SUPPORTED).status == 200
    assert office.registrar.contacts("101", NOW) == []


def test_of_two_flows_of_one_phone_the_one_refreshed_last_is_rung(office: Office) -> None:
    office.register(contact("x1.invalid", 1), 120, more=SUPPORTED)
    office.register(contact("x2.invalid", 2), 120, NOW + 1, more=SUPPORTED)
    office.register("<sip:101@198.51.100.9>", 120, NOW + 2)
    found = [binding.uri.host for binding in office.registrar.contacts("101", NOW + 3)]
    assert found == ["198.51.100.9", "x2.invalid"]


@pytest.mark.parametrize(
    ("more", "text"),
    [("", contact()), (SUPPORTED, f"<sip:101@x1.invalid>;{INSTANCE}"), (SUPPORTED, "<sip:101@x1.invalid>;reg-id=1")],
)
def test_who_does_not_ask_for_a_flow_gets_none(office: Office, more: str, text: str) -> None:
    reply = office.register(text, 120, more=more)
    assert [name for name, _ in reply.headers] == ["Contact"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("", 0), ("Flow-Timer: 120\r\n", 120), ("Flow-Timer: soon\r\n", 0), ("Flow-Timer: 99999\r\n", 0)],
)
def test_how_often_a_carrier_wants_to_hear_of_us(header: str, seconds: int) -> None:
    text = "SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP a\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\n"
    response = parse_message(f"{text}CSeq: 1 REGISTER\r\n{header}Content-Length: 0\r\n\r\n".encode())
    assert isinstance(response, Response)
    assert flow_timer_of(response) == seconds


def test_what_came_through_a_proxy_is_an_ordinary_registration(office: Office) -> None:
    reply = office.register(contact(), 120, more=SUPPORTED + "Via: SIP/2.0/WSS x1.invalid;branch=z9hG4bKinner\r\n")
    assert (reply.status, [name for name, _ in reply.headers]) == (200, ["Contact"])


@pytest.mark.parametrize("reg_id", ["0", "-1", "x", "99999999999"])
def test_a_reg_id_that_is_none(office: Office, reg_id: str) -> None:
    assert office.register(contact(reg_id=reg_id), 120, more=SUPPORTED).status == 400
    assert office.registrar.contacts("101", NOW) == []


def test_a_lost_connection_ends_what_only_it_could_reach(office: Office) -> None:
    office.register(contact(), 120, more=SUPPORTED)
    office.registrar.flow_lost(Hop("TCP", SOURCE.host, 1), NOW)
    assert office.registrar.contacts("101", NOW)
    changes = len(office.changes)
    office.registrar.flow_lost(SOURCE, NOW)
    assert office.registrar.contacts("101", NOW) == []
    assert len(office.changes) == changes + 1
    assert not office.registrar.knows(SOURCE.host, NOW)


@pytest.mark.parametrize(
    ("uri", "transport", "instead"),
    [
        ("sip:101@198.51.100.4:5070;transport=tcp", "TCP", Hop("TCP", "198.51.100.4", 5070)),
        ("sip:101@10.0.0.4:5070;transport=tcp", "TCP", None),
        ("sip:101@198.51.100.4;transport=tcp;ob", "TCP", None),
        ("sip:101@x.invalid;transport=ws", "WSS", None),
    ],
)
def test_where_a_phone_is_after_the_loss(uri: str, transport: str, instead: Hop | None) -> None:
    assert after_loss(parse_sip_uri(uri), Hop(transport, "198.51.100.4", 40000), None) == instead


def test_a_phone_by_tls_is_gone_with_its_connection_but_may_take_one_after_a_restart_of_ours(office: Office) -> None:
    source = Hop("TLS", "198.51.100.4", 40000)
    office.register("<sip:101@198.51.100.4:5071;transport=tls>", 120, source=source)
    kept = office.registrar.bindings("101", NOW)
    office.registrar.flow_lost(source, NOW)
    assert office.registrar.contacts("101", NOW) == []
    office.registrar.restore("101", kept, NOW)
    (binding,) = office.registrar.contacts("101", NOW)
    assert binding.hop == Hop("TLS", "198.51.100.4", 5071)


@pytest.mark.parametrize("ob", ["", ";ob"])
def test_requests_of_a_call_go_by_the_flow_where_the_phone_says_so(ob: str) -> None:
    asked = request("INVITE", "sip:102@192.0.2.1", headers=f"Contact: <sip:101@203.0.113.9:5060{ob}>\r\n")
    source = Hop("UDP", "198.51.100.4", 6000)
    dialog = dialog_of_request(asked, "tag", source, symmetric=False)
    assert dialog.destination() == (source if ob else Hop("UDP", "203.0.113.9", 5060))
