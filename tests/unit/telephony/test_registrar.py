"""The registrar of agents' phones (RFC 3261 §10.3), on virtual time."""

import pytest

from telephony.registrar import Limits, Registrar, Reply
from telephony.sip.digest_server import DigestServer
from telephony.sip.hop import Hop
from telephony.sip.parser import BrokenRequest
from tests.unit.telephony.doubles import proof, request

NOW = 1_700_000_000.0
SOURCE = Hop("UDP", "198.51.100.4", 6000)
URI = "sip:192.0.2.1"


class Office:
    """A registrar with agents 101 and 102."""

    def __init__(self) -> None:
        self.registrar = Registrar(DigestServer("line400", b"0" * 16, algorithms=("MD5",)), {"101": "a", "102": "b"})
        self.changes: list[str] = []
        self.registrar.on_change = self.changes.append
        self._cseq = 0

    def register(
        self, contact: str = "<sip:101@198.51.100.4:6000>", expires: int | None = None, now: float = NOW,
        *, user: str = "101", password: str = "a", of: str = "", cseq: int = 0, call_id: str = "c1", more: str = "",
        source: Hop = SOURCE,
    ) -> Reply:  # fmt: skip
        self._cseq = cseq or self._cseq + 1
        headers = more + (f"Contact: {contact}\r\n" if contact else "")
        headers += "" if expires is None else f"Expires: {expires}\r\n"
        challenge = self.ask(now)
        headers += proof(challenge, "REGISTER", URI, user, password)
        asked = request("REGISTER", URI, headers=headers, user=of or user, cseq=self._cseq, call_id=call_id)
        return self.registrar.handle(asked, source, now)

    def ask(self, now: float) -> str:
        """The challenge to a request that proves nothing."""
        reply = self.registrar.handle(request("REGISTER", URI), SOURCE, now)
        assert reply.status == 401
        ((name, value),) = reply.headers
        assert name == "WWW-Authenticate"
        return value


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_phone_registers_and_is_found_where_it_really_is(office: Office) -> None:
    reply = office.register("<sip:101@10.0.0.7:5060>", 120)
    assert reply == Reply(200, (("Contact", "<sip:101@10.0.0.7:5060>;expires=120"),))
    (binding,) = office.registrar.contacts("101", NOW)
    assert (str(binding.uri), binding.hop, binding.expires_at) == ("sip:101@10.0.0.7:5060", SOURCE, NOW + 120)
    assert office.changes == ["101"]
    assert office.registrar.contacts("102", NOW) == []


@pytest.mark.parametrize(("user", "password"), [("101", "guessed"), ("999", "a"), ("102", "a")])
def test_wrong_user_and_wrong_password_get_the_same_challenge(office: Office, user: str, password: str) -> None:
    reply = office.register(user=user, password=password)
    assert reply.status == 401
    assert [name for name, _ in reply.headers] == ["WWW-Authenticate"]
    assert office.registrar.contacts(user, NOW) == []
    assert office.changes == []


def test_nobody_registers_for_another(office: Office) -> None:
    assert office.register(user="101", password="a", of="102").status == 403
    assert office.registrar.contacts("102", NOW) == []


def test_an_old_nonce_is_stale(office: Office) -> None:
    old = office.ask(NOW)
    headers = "Contact: <sip:101@198.51.100.4>\r\n" + proof(old, "REGISTER", URI, "101", "a")
    reply = office.registrar.handle(request("REGISTER", URI, headers=headers), SOURCE, NOW + 301)
    assert reply.status == 401
    assert "stale=true" in reply.headers[0][1]


def test_a_registration_runs_out_in_silence(office: Office) -> None:
    office.register(expires=60)
    assert office.registrar.contacts("101", NOW + 59.9)
    assert office.registrar.contacts("101", NOW + 60) == []


@pytest.mark.parametrize(
    ("contact", "expires", "granted"),
    [
        ("<sip:101@198.51.100.4>", None, 300),
        ("<sip:101@198.51.100.4>;expires=90", 60, 90),
        ("<sip:101@198.51.100.4>;expires=soon", 60, 60),
        ("<sip:101@198.51.100.4>", 999_999, Limits().max_expires_s),
    ],
)
def test_how_long_is_granted(office: Office, contact: str, expires: int | None, granted: int) -> None:
    office.register(contact, expires)
    (binding,) = office.registrar.contacts("101", NOW)
    assert binding.expires_at == NOW + granted


def test_too_brief(office: Office) -> None:
    assert office.register(expires=10) == Reply(423, (("Min-Expires", "30"),))
    assert office.registrar.contacts("101", NOW) == []


def test_the_phone_refreshed_last_comes_first(office: Office) -> None:
    office.register("<sip:101@198.51.100.4>", 300)
    office.register("<sip:101@198.51.100.5>", 300, NOW + 10)
    office.register("<sip:101@198.51.100.4>", 300, NOW + 20)
    assert [binding.uri.host for binding in office.registrar.contacts("101", NOW + 21)] == [
        "198.51.100.4",
        "198.51.100.5",
    ]


def test_zero_takes_one_away_and_the_star_all(office: Office) -> None:
    office.register("<sip:101@198.51.100.4>", 300)
    office.register("<sip:101@198.51.100.5>", 300)
    assert office.register("<sip:101@198.51.100.4>", 0).status == 200
    assert [binding.uri.host for binding in office.registrar.contacts("101", NOW)] == ["198.51.100.5"]
    assert office.register("*", 60).status == 400
    assert office.register("*", 0) == Reply(200)
    assert office.registrar.contacts("101", NOW) == []
    assert office.changes == ["101"] * 4


def test_the_star_stands_alone_and_not_before_its_turn(office: Office) -> None:
    office.register("<sip:101@198.51.100.4>", 300, cseq=5)
    for contact, expires in (("*", None), ("*", 60)):
        assert office.register(contact, expires, cseq=6).status == 400
    for contact, more in (("*", "Contact: <sip:101@198.51.100.4>\r\n"), ("<sip:101@198.51.100.5>", "Contact: *\r\n")):
        with pytest.raises(BrokenRequest, match="stands beside another Contact") as caught:
            office.register(contact, 0, cseq=6, more=more)
        assert (caught.value.status, caught.value.reason) == (400, "Contact * Stands Alone")
    assert office.register("*", 0, cseq=5).status == 500, "sent before the phone was registered (§10.3 step 6)"
    assert len(office.registrar.contacts("101", NOW)) == 1
    assert office.register("*", 0, cseq=6) == Reply(200)


def test_bounds_are_told_in_words(office: Office) -> None:
    many = ", ".join(f"<sip:101@198.51.100.{number}>" for number in range(5))
    assert office.register(many, 300) == Reply(403, reason="More Than 4 Contacts")
    path = "".join(f"Path: <sip:p{number}@198.51.100.9;lr>\r\n" for number in range(9))
    assert office.register(more=f"Supported: path\r\n{path}") == Reply(400, reason="More Than 8 Proxies In Path")
    path = f"Path: <sip:{'p' * 1000}@198.51.100.9;lr>\r\n"
    assert office.register(more=f"Supported: path\r\n{path}") == Reply(400, reason="Path Longer Than 1000 Characters")


def test_a_query_changes_nothing(office: Office) -> None:
    office.register("<sip:101@198.51.100.4>", 300)
    assert office.register("", None, NOW + 100) == Reply(200, (("Contact", "<sip:101@198.51.100.4>;expires=200"),))


def test_what_comes_out_of_order_is_refused_unless_the_phone_began_anew(office: Office) -> None:
    office.register(expires=300, cseq=5)
    assert office.register(expires=300, cseq=5).status == 500
    assert office.register(expires=0, cseq=4).status == 500
    assert office.register(expires=300, cseq=1, call_id="c2").status == 200


def test_one_phone_too_many_pushes_out_the_oldest(office: Office) -> None:
    for place in range(Limits().phones + 1):
        office.register(f"<sip:101@198.51.100.{place + 1}>", 300, NOW + place)
    hosts = {binding.uri.host for binding in office.registrar.contacts("101", NOW + 9)}
    assert hosts == {f"198.51.100.{place + 1}" for place in range(1, Limits().phones + 1)}


def test_a_contact_that_is_no_sip_address(office: Office) -> None:
    assert office.register("<tel:+8613800138000>", 300).status == 400
    assert office.registrar.contacts("101", NOW) == []


@pytest.mark.parametrize(
    ("contact", "kept"),
    [
        ("sip:+19725552222@gw1.example.net;unknownparam", "<sip:+19725552222@gw1.example.net>"),
        ("<sip:+19725552222@gw1.example.net;unknownparam>", "<sip:+19725552222@gw1.example.net;unknownparam>"),
        (
            "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>",
            "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>",
        ),
    ],
    ids=["cparam01", "cparam02", "regescrt"],
)
def test_contacts_of_rfc_4475_come_back_as_it_asks(office: Office, contact: str, kept: str) -> None:
    assert office.register(contact, 300).headers == (("Contact", f"{kept};expires=300"),)
    assert office.register("", None, NOW + 1).headers == (("Contact", f"{kept};expires=299"),)


def test_a_house_sets_its_own_limits(office: Office) -> None:
    office.registrar.limits = Limits(phones=1, min_expires_s=400, max_expires_s=600)
    assert office.register(expires=300) == Reply(423, (("Min-Expires", "400"),))
    office.register("<sip:101@198.51.100.4>", None)
    office.register("<sip:101@198.51.100.5>", 9999, NOW + 1)
    (binding,) = office.registrar.contacts("101", NOW + 2)
    assert (binding.uri.host, binding.expires_at) == ("198.51.100.5", NOW + 601)


def test_more_phones_in_one_request_than_an_agent_may_have(office: Office) -> None:
    many = ", ".join(f"<sip:101@198.51.100.{place}>" for place in range(1, Limits().phones + 2))
    assert office.register(many, 300).status == 403
    assert office.registrar.contacts("101", NOW) == []
    assert office.register(many.rpartition(",")[0], 300).status == 200
    assert len(office.registrar.contacts("101", NOW)) == Limits().phones


def test_what_a_phone_calls_itself_is_kept_within_bounds(office: Office) -> None:
    office.register(more="User-Agent: Yealink SIP-T46S 66.86.0.15\r\n")
    assert office.registrar.contacts("101", NOW)[0].user_agent == "Yealink SIP-T46S 66.86.0.15"
    office.register(more=f"User-Agent: {'x' * 5000}\r\n")
    assert len(office.registrar.contacts("101", NOW)[0].user_agent) == 100


def test_an_address_is_known_while_one_of_its_phones_is_registered(office: Office) -> None:
    host = SOURCE.host
    assert not office.registrar.knows(host, NOW)
    office.register("<sip:101@10.0.0.7>", 60)
    office.register("<sip:102@10.0.0.8>", 120, user="102", password="b")
    office.register("<sip:101@10.0.0.7>", 0, NOW + 1)
    assert office.registrar.knows(host, NOW + 119)
    assert not office.registrar.knows(host, NOW + 120)
    office.registrar.forget("102", NOW + 2)
    assert not office.registrar.knows(host, NOW + 2)
    assert office.registrar._hosts == office.registrar._bindings == {}, "nothing is kept of phones that are gone"
