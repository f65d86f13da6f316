"""Who asks too much, or with a borrowed address: it costs us no memory, and its owner hardly any packets."""

import pytest

from telephony.incidents import MAX_A_MINUTE
from telephony.security_facts import SourceFlooding
from telephony.sip.guard import AMPLIFICATION
from telephony.sip.hop import Hop
from telephony.sip.settings import SipSettings
from tests.unit.telephony.security_bench import (
    CARRIER,
    PASSWORDS,
    PHONE,
    REGISTRAR,
    STRANGER,
    House,
    proof,
    wire,
)

METHODS = ("INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL", "SUBSCRIBE", "MESSAGE", "REFER", "NOTIFY", "PUBLISH", "X")


def smallest(method: str, extra: str = "") -> bytes:
    """As little as a request can be."""
    return (
        f"{method} sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK1\r\nf:sip:a;tag=1\r\nt:sip:a{extra}\r\ni:1\r\n"
        f"CSeq:1 {method}\r\nMax-Forwards:1\r\nm:sip:a\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("method", METHODS)
def test_security_an_address_that_was_borrowed_gets_one_small_answer(method: str) -> None:
    """Without a nonce of ours nothing is repeated, kept, or longer than three times what asked for it."""
    house = House()
    for data in (wire(method), smallest(method), wire(method, to_tag="t"), smallest(method, ";tag=2")):
        sent = house.give(data) + house.rest(64)
        assert len(sent) <= 1
        assert sum(len(one.data) for one in sent) <= AMPLIFICATION * len(data)
        assert all(one.to.host == STRANGER.host for one in sent), "nowhere else, whatever Via says"


def test_security_a_request_too_short_for_its_answer_gets_none() -> None:
    house = House(algorithms=("SHA-256", "MD5"))
    assert house.give(smallest("REGISTER")) == []
    assert [sent.status for sent in house.give(wire("REGISTER"))] == [401]
    by_tcp = Hop("TCP", STRANGER.host, STRANGER.port)
    assert [sent.status for sent in house.give(smallest("REGISTER"), by_tcp)] == [401], "nobody borrows that address"


def test_security_a_broken_request_gets_one_small_answer_too() -> None:
    house = House()
    data = wire().replace(b"Max-Forwards: 70", b"Max-Forwards: x")
    (sent,) = house.give(data) + house.rest(64)
    assert sent.status == 400
    assert len(sent.data) <= AMPLIFICATION * len(data)


def test_security_strangers_fill_no_table() -> None:
    house = House(sip=SipSettings(max_transactions=50, max_sessions=50))
    for number in range(200):
        for method in METHODS:
            source = Hop("UDP", f"10.1.{number // 250}.{number % 250}", 5060)
            house.give(wire(method, headers='Authorization: Digest username="101", realm="line400", nonce="x", '
                            'uri="sip:x", response="y"\r\n'), source)  # fmt: skip
    assert len(house.endpoint._agent.layer._servers) == 0
    assert house.endpoint.next_deadline() is None, "not even a timer"
    house.give(wire("INVITE", user="13800138000", body="v=0\r\n"), CARRIER)
    assert [one.trunk for one in house.admitted] == ["carrier"], "carriers' calls come in all the same"


def test_security_a_repeated_request_gets_the_same_tag() -> None:
    """RFC 3261 §8.2.7, though nothing is remembered."""
    house = House()
    data = wire()
    (first,), (second,) = house.give(data), house.give(data)
    assert first.header("To") == second.header("To")
    (other,) = house.give(wire())
    assert first.header("To").partition("tag=")[2] != other.header("To").partition("tag=")[2]


def test_security_a_stranger_is_held_to_a_rate_and_it_is_in_the_log() -> None:
    house = House()
    assert sum(len(house.give(wire("OPTIONS"))) for _ in range(1000)) == 100
    house.now += 61
    assert sum(len(house.give(wire("OPTIONS"))) for _ in range(1000)) == 100
    assert house.facts == [SourceFlooding(STRANGER.host, 1), SourceFlooding(STRANGER.host, 900)]
    assert len(house.give(wire("OPTIONS"), PHONE)) == 1, "others are not held to account"


def test_security_trunks_and_registered_phones_may_ask_much_more_but_not_everything() -> None:
    house = House()
    assert all(house.keeper.lets_in(CARRIER, house.now) for _ in range(4000))
    assert not house.keeper.lets_in(CARRIER, house.now)
    assert house.register("101", PASSWORDS["101"], PHONE)[0].status == 200
    assert all(house.keeper.lets_in(PHONE, house.now) for _ in range(4000))
    house.rest(601)
    assert sum(house.keeper.lets_in(PHONE, house.now) for _ in range(4000)) < 101, "its registration has run out"


def test_security_the_log_is_not_flooded_by_a_flood() -> None:
    house = House()
    for number in range(1000):
        source = Hop("UDP", f"10.1.{number // 250}.{number % 250}", 5060)
        for _ in range(101):
            house.keeper.lets_in(source, house.now)
    assert len(house.facts) == MAX_A_MINUTE


def test_security_a_call_that_is_up_goes_on_under_a_flood() -> None:
    """Requests within it are not counted, whoever else floods from behind the same address."""
    house = House()
    line = proof(house.challenged("INVITE"), "INVITE", "sip:4008001234@192.0.2.1", "101", PASSWORDS["101"])
    sent = house.give(wire("INVITE", headers=line, body="v=0\r\n"))
    assert sent[0].status == 100
    (session,) = house.endpoint._sessions._sessions
    house.endpoint.accept(session, house.now, b"v=0\r\n")
    (answer,) = house.give(b"")
    for _ in range(300):
        house.give(wire("OPTIONS"))
    call_id, remote = answer.header("Call-ID"), answer.header("From").partition("tag=")[2]
    tag = answer.header("To").partition("tag=")[2]
    bye = (
        f"BYE sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.66:5070;branch=z9hG4bKbye;rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:101@192.0.2.1>;tag={remote}\r\nTo: <sip:101@192.0.2.1>;tag={tag}\r\n"
        f"Call-ID: {call_id}\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n"
    )
    assert house.give(bye.replace(f"tag={tag}", "tag=guessed").encode()) == [], "over the limit, and not within it"
    assert [sent.status for sent in house.give(bye.encode())] == [200]


def test_security_a_registration_of_thousands_of_contacts_is_held_to_a_few() -> None:
    house = House()
    for number in range(20):
        line = proof(house.challenged(source=PHONE), "REGISTER", REGISTRAR, "101", PASSWORDS["101"])
        house.give(wire("REGISTER", REGISTRAR, f"{line}Contact: <sip:101@198.51.100.4:{7000 + number}>\r\n"), PHONE)
    assert len(house.registrar.contacts("101", house.now)) <= 4
