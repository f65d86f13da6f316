"""Registration on both sides: our machine towards a carrier, and the registrar of agents' phones."""

import pytest

from telephony.registrar import DEFAULT_EXPIRES_S, Limits, Registrar
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.digest import authorize, choose_challenge
from telephony.sip.digest_server import DigestServer
from telephony.sip.events import Requested, Responded, SipEvent
from telephony.sip.headers import Headers
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Request, Response
from telephony.sip.registration import Registration, State
from telephony.sip.uri import SipUri
from tests.scenario.sip_network import Network, Party

T0 = 1000.0
CONTACT = "sip:line@10.0.0.1:5060"
PHONE = Hop(UDP, "10.0.0.9", 5060)


def made(expires_s: int = 600) -> Registration:
    return Registration(call_id="reg", expires_s=expires_s, chance=lambda: 0.0)


def response(status: int, cseq: int, **headers: str) -> Response:
    fields = [("CSeq", f"{cseq} REGISTER"), *((name.replace("_", "-"), value) for name, value in headers.items())]
    return Response(status, "", Headers(fields))


def test_registers_refreshes_and_takes_leave() -> None:
    own = made()
    own.start(T0)
    first = own.next_send()
    assert first is not None
    assert (first.expires_s, first.call_id, first.cseq) == (600, "reg", 1)
    assert own.next_send() is None
    # the challenge took CSeq 1, the proof CSeq 2
    own.on_answer(200, response(200, 2, Contact=f"<{CONTACT}>;expires=300, <sip:other@x>;expires=9"), CONTACT, T0)
    assert own.registered
    assert own.next_deadline() == T0 + 300 * 0.75
    own.on_deadline(T0 + 225)
    second = own.next_send()
    assert second is not None
    assert second.cseq == 3
    own.on_answer(200, response(200, 3, Expires="100"), CONTACT, T0 + 225)
    assert own.next_deadline() == T0 + 225 + 75
    own.stop(T0 + 230)
    last = own.next_send()
    assert last is not None
    assert (last.expires_s, last.cseq) == (0, 4)
    assert not own.registered
    own.on_answer(200, response(200, 4), CONTACT, T0 + 231)
    assert own.state is State.GONE
    assert own.next_deadline() is None


def test_silent_carrier_is_asked_again_ever_more_rarely() -> None:
    own, now, waits = made(), T0, []
    own.start(now)
    for _ in range(9):
        assert own.next_send() is not None
        own.on_answer(408, None, CONTACT, now)
        due = own.next_deadline()
        assert due is not None
        waits.append(due - now)
        now = due
        own.on_deadline(now)
    assert waits == [2.5, 5, 10, 20, 40, 80, 150, 150, 150]


@pytest.mark.parametrize("status", [401, 403, 404, 407])
def test_wrong_password_is_not_tried_often(status: int) -> None:
    own = made()
    own.start(T0)
    own.on_answer(status, response(status, 1), CONTACT, T0)
    assert own.next_deadline() == T0 + 150


def test_retry_after_is_respected() -> None:
    own = made()
    own.start(T0)
    own.on_answer(503, response(503, 1, Retry_After="120 (busy)"), CONTACT, T0)
    assert own.next_deadline() == T0 + 120


def test_too_brief_interval_is_lengthened_once() -> None:
    own = made(60)
    own.start(T0)
    own.next_send()
    own.on_answer(423, response(423, 1, Min_Expires="1800"), CONTACT, T0)
    again = own.next_send()
    assert again is not None
    assert again.expires_s == 1800
    own.on_answer(423, response(423, 2, Min_Expires="1800"), CONTACT, T0)
    assert own.next_send() is None
    assert own.state is State.WAITING


def test_registration_lapses_while_the_carrier_is_silent() -> None:
    own = made()
    own.start(T0)
    own.on_answer(200, response(200, 1, Expires="100"), CONTACT, T0)
    own.on_deadline(T0 + 75)
    own.on_answer(408, None, CONTACT, T0 + 99)
    assert own.registered
    own.on_deadline(T0 + 100)
    assert not own.registered
    assert own.state is State.WAITING


def test_grant_of_nothing_is_a_refusal() -> None:
    own = made()
    own.start(T0)
    own.on_answer(200, response(200, 1, Expires="0"), CONTACT, T0)
    assert not own.registered
    assert own.next_deadline() == T0 + 2.5


class Desk:
    """A registrar and a phone's requests to it."""

    def __init__(self) -> None:
        self.changes: list[str] = []
        self.digest = DigestServer("line400", b"0123456789abcdef")
        self.registrar = Registrar(self.digest, {"8001": "secret", "8002": "other"})
        self.registrar.on_change = self.changes.append
        self.cseq = 0

    def register(
        self,
        *contacts: str,
        expires: int | None = None,
        user: str = "8001",
        password: str = "secret",
        to: str = "8001",
        call_id: str = "c",
        cseq: int = 0,
        now: float = T0,
    ) -> tuple[int, dict[str, str]]:
        self.cseq = cseq or self.cseq + 1
        headers = Headers([("To", f"<sip:{to}@line400>"), ("Call-ID", call_id), ("CSeq", f"{self.cseq} REGISTER")])
        for contact in contacts:
            headers.add("Contact", contact)
        if expires is not None:
            headers.add("Expires", str(expires))
        challenge = choose_challenge(self.digest.challenges(now, PHONE.host))
        assert challenge is not None
        proof = authorize(challenge, "REGISTER", "sip:line400", user, password, cnonce="x", nc=1)
        headers.add("Authorization", proof)
        reply = self.registrar.handle(Request("REGISTER", SipUri("line400"), headers), PHONE, now)
        return reply.status, dict(reply.headers)


def test_phone_registers_and_is_found_until_it_lapses() -> None:
    desk = Desk()
    status, headers = desk.register("<sip:8001@192.168.1.7:5060>")
    assert status == 200
    assert headers["Contact"] == f"<sip:8001@192.168.1.7:5060>;expires={DEFAULT_EXPIRES_S}"
    (binding,) = desk.registrar.contacts("8001", T0 + 1)
    assert binding.hop == PHONE
    assert desk.registrar.contacts("8001", T0 + DEFAULT_EXPIRES_S) == []
    assert desk.changes == ["8001"]


def test_proof_is_needed_and_is_for_oneself() -> None:
    desk = Desk()
    assert desk.register("<sip:a@b>", password="wrong")[0] == 401
    assert desk.register("<sip:a@b>", user="nobody")[0] == 401
    assert desk.register("<sip:a@b>", to="8002")[0] == 403
    assert desk.changes == []


def test_expiry_is_bounded_both_ways() -> None:
    desk = Desk()
    status, headers = desk.register("<sip:a@b>", expires=10)
    assert (status, headers["Min-Expires"]) == (423, "30")
    assert desk.register("<sip:a@b>;expires=999999")[1]["Contact"].endswith("expires=300")


def test_leave_by_zero_and_by_star() -> None:
    desk = Desk()
    desk.register("<sip:a@b>", "<sip:c@d>")
    assert len(desk.registrar.contacts("8001", T0)) == 2
    desk.register("<sip:a@b>;expires=0")
    assert [str(one.uri) for one in desk.registrar.contacts("8001", T0)] == ["sip:c@d"]
    assert desk.register("*")[0] == 400
    assert desk.register("*", expires=0)[0] == 200
    assert desk.registrar.contacts("8001", T0) == []


def test_late_repeat_does_not_undo_a_newer_registration() -> None:
    desk = Desk()
    desk.register("<sip:a@b>", cseq=5)
    assert desk.register("<sip:a@b>;expires=0", cseq=4)[0] == 500
    assert len(desk.registrar.contacts("8001", T0)) == 1
    assert desk.register("<sip:a@b>", call_id="after restart", cseq=1)[0] == 200


def test_phones_of_one_agent_are_bounded() -> None:
    desk = Desk()
    for number in range(Limits().phones + 3):
        desk.register(f"<sip:p{number}@b>", now=T0 + number)
    found = [binding.uri.user for binding in desk.registrar.contacts("8001", T0 + 10)]
    assert found == ["p6", "p5", "p4", "p3"]


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_both_sides_over_the_network(loss: float) -> None:
    network = Network(seed=4, loss=loss, double=loss, jitter_s=0.2)
    phone = network.party("8001", "10.0.0.1")
    line = network.party("line", "10.0.0.2")
    desk = Desk()

    def serve(party: Party, event: SipEvent) -> None:
        if isinstance(event, Requested):
            reply = desk.registrar.handle(event.request, event.source, party.now)
            party.do(lambda endpoint, now: endpoint.answer_request(event.key, now, reply.status, reply.headers))

    line.react = serve
    own = made(60)
    address = NameAddress(SipUri("line400", user="8001"))

    def pump(party: Party, event: SipEvent | None = None) -> None:
        if isinstance(event, Responded):
            own.on_answer(event.status, event.response, CONTACT, party.now)
        while (send := own.next_send()) is not None:
            phone.endpoint.request(
                party.now,
                line.hop,
                "REGISTER",
                SipUri("line400"),
                address,
                address,
                Credentials("8001", "secret"),
                [("Contact", f"<{CONTACT}>"), ("Expires", str(send.expires_s))],
                call_id=send.call_id,
                cseq=send.cseq,
            )
        network.collect(phone)

    phone.react = pump
    own.start(network.now)
    pump(phone)
    for _ in range(600):
        network.run(1.0)
        due = own.next_deadline()
        if due is not None and due <= network.now:
            own.on_deadline(network.now)
            pump(phone)
    assert own.registered
    assert len(desk.registrar.contacts("8001", network.now)) == 1
    numbers = [request.cseq.number for request in network.sent("REGISTER", phone)]
    assert numbers == sorted(numbers)
    assert {request.call_id for request in network.sent("REGISTER")} == {"reg"}
    own.stop(network.now)
    pump(phone)
    network.run(40)
    assert own.state is State.GONE
    assert desk.registrar.contacts("8001", network.now) == []
