"""What is particular about an agent's phones: codecs, encryption, answering by itself, each compatibility option."""

import asyncio
import re
from dataclasses import replace

import pytest

from telephony.auto_answer import MAKES, OFF, auto_answer_headers
from telephony.doorkeeper import Admitted, Doorkeeper
from telephony.negotiation import Terms
from telephony.phone_traits import Compat, PhoneTraits
from telephony.phones import PHONE_TERMS, Phones
from telephony.registrar import Registrar
from telephony.sdp.sdes import Encryption
from telephony.sip.digest import Challenge, authorize, parse_challenge
from telephony.sip.digest_server import DigestServer
from telephony.sip.events import Refused, Requested
from telephony.sip.headers import Headers
from telephony.sip.hop import Hop
from telephony.sip.message import Response
from telephony.sip.uri import parse_sip_uri
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook
from tests.scenario.sip_network import Network
from tests.unit.telephony.doubles import Rooms, StackDouble, request
from tests.unit.telephony.test_registrar import NOW, SOURCE, URI, Office


class Listening(StackDouble):
    """Keeps the headers of each INVITE."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: list[object] = []

    def invite(self, target: Hop, uri: object, from_: object, to: object, sdp: bytes, *rest: object) -> str:
        self.headers.append(rest[1])
        return super().invite(target, uri, from_, to, sdp)  # type: ignore[arg-type]


async def rung(fixed: list[str], traits: PhoneTraits, *, auto_answer: bool) -> list[object]:
    """The headers that agent 201's phones were rung with."""
    rooms, stack = Rooms(), Listening()
    digest = DigestServer("line400", b"0" * 16, algorithms=("MD5",))
    registrar, trunks = Registrar(digest, {}), TrunkBook([])
    office = Office()
    for place, contact in enumerate(fixed):
        office.register(contact, 600, NOW + place)
    phones = Phones(office.registrar, {}, traits={"101": traits})
    rooms.clock.advance(NOW + 10 - rooms.clock.now())
    board = Switchboard(
        stack=stack, room=rooms.room, log=rooms.log, clock=rooms.clock, ids=rooms.ids, trunks=trunks,
        phones=phones, doorkeeper=Doorkeeper(trunks, registrar, digest, {}),
    )  # fmt: skip
    ringing = asyncio.create_task(board.ring("101", "c1", caller="13800138000", timeout_s=5, auto_answer=auto_answer))
    while len(stack.headers) < len(fixed):  # noqa: ASYNC110 - a few turns of the loop
        await asyncio.sleep(0)
    for place in range(len(fixed)):
        stack.tell(Refused(f"s{place + 1}", 486, "Busy Here"))
    await asyncio.gather(ringing, return_exceptions=True)
    return stack.headers


@pytest.mark.parametrize("make", MAKES)
def test_the_headers_of_every_make_can_be_sent(make: str) -> None:
    for name, value in auto_answer_headers(make, "2001:db8::1"):
        Headers([(name, value)])
        assert "{" not in value and "\r" not in value and "\n" not in value
        assert "2001" not in value or "[2001:db8::1]" in value


def test_what_common_makes_obey() -> None:
    assert auto_answer_headers("grandstream", "192.0.2.1") == (("Call-Info", "<sip:192.0.2.1>;answer-after=0"),)
    assert auto_answer_headers("yealink", "192.0.2.1") == (
        ("Alert-Info", "<http://192.0.2.1>;info=alert-autoanswer;delay=0"),
    )
    assert [name for name, _ in auto_answer_headers("any", "h")] == ["Call-Info", "Alert-Info", "Answer-Mode"]
    assert auto_answer_headers(OFF, "h") == ()


async def test_a_queues_call_is_answered_by_the_phone_itself_where_that_is_wanted() -> None:
    snom = PhoneTraits(auto_answer="snom")
    contact = "<sip:101@198.51.100.4:6000>"
    asked = [(("Call-Info", "<sip:192.0.2.1>;answer-after=0"),)]
    assert await rung([contact], snom, auto_answer=True) == asked
    assert await rung([contact], snom, auto_answer=False) == [()], "a direct call never opens a microphone"
    assert await rung([contact], PhoneTraits(), auto_answer=True) == [()]


async def test_of_several_phones_none_answers_by_itself() -> None:
    contacts = ["<sip:101@198.51.100.4:6000>", "<sip:101@198.51.100.5:6000>"]
    assert await rung(contacts, PhoneTraits(auto_answer="any"), auto_answer=True) == [(), ()]


def test_codecs_and_encryption_of_one_agent() -> None:
    own = PhoneTraits(Terms(("opus",), Encryption.REQUIRED))
    fixed = {"201": parse_sip_uri("sip:201@192.0.2.20"), "202": parse_sip_uri("sip:202@192.0.2.21")}
    phones = Phones(Office().registrar, fixed, traits={"201": own})
    assert phones.targets("201", NOW)[0].terms == own.terms
    assert phones.targets("202", NOW)[0].terms == PHONE_TERMS
    phones.change(fixed, {"202": own})
    assert (phones.traits_of("201").terms, phones.traits_of("202").terms) == (PHONE_TERMS, own.terms)


class Lenient(Office):
    """An office in which agent 101's phone has ``options``."""

    def __init__(self, *options: Compat) -> None:
        super().__init__()
        self.traits = PhoneTraits(compat=frozenset(options))
        self.phones = Phones(self.registrar, {}, traits={"101": self.traits})
        self.registrar._digest.leniency = lambda user: self.phones.traits_of(user).leniency

    def prove(self, user: str, password: str, *, uri: str = URI, qop: bool = True, cseq: int = 1) -> int:
        """REGISTER with a proof of that kind; the status."""
        challenge = parse_challenge(self.ask(NOW))
        if not qop:
            challenge = Challenge(challenge.realm, challenge.nonce, challenge.algorithm)
        value = authorize(challenge, "REGISTER", uri, user, password, cnonce="0a4f113b")
        headers = f"Contact: <sip:{user}@198.51.100.4:6000>\r\nAuthorization: {value}\r\n"
        asked = request("REGISTER", URI, headers=headers, user=user, cseq=cseq)
        return self.registrar.handle(asked, SOURCE, NOW).status


def test_digest_without_qop_is_for_the_phone_that_needs_it() -> None:
    assert Lenient().prove("101", "a", qop=False) == 401, "off by default"
    office = Lenient(Compat.DIGEST_WITHOUT_QOP)
    assert office.prove("101", "a", qop=False) == 200
    assert office.prove("101", "guessed", qop=False) == 401
    assert office.prove("102", "b", qop=False) == 401, "not for others"
    assert office.prove("101", "a", cseq=2) == 200, "the better proof is taken too"


def test_digest_without_qop_is_good_once() -> None:
    office = Lenient(Compat.DIGEST_WITHOUT_QOP)
    challenge = parse_challenge(office.ask(NOW))
    value = authorize(replace(challenge, qop=()), "REGISTER", URI, "101", "a", cnonce="")
    headers = f"Contact: <sip:101@198.51.100.4:6000>\r\nAuthorization: {value}\r\n"
    replies = [
        office.registrar.handle(request("REGISTER", URI, headers=headers, cseq=cseq), SOURCE, NOW) for cseq in (1, 2)
    ]
    assert [reply.status for reply in replies] == [200, 401]
    assert re.search("stale=true", replies[1].headers[0][1])


def test_digest_for_another_uri_is_for_the_phone_that_needs_it() -> None:
    other = "sip:pbx.example.cn"
    assert Lenient().prove("101", "a", uri=other) == 401, "off by default"
    office = Lenient(Compat.DIGEST_ANY_URI)
    assert office.prove("101", "a", uri=other) == 200
    assert office.prove("101", "guessed", uri=other) == 401
    assert office.prove("102", "b", uri=other) == 401, "not for others"


def test_a_call_may_come_in_with_what_the_phone_needs() -> None:
    office = Lenient(Compat.DIGEST_WITHOUT_QOP, Compat.DIGEST_ANY_URI)
    digest = office.registrar._digest
    keeper = Doorkeeper(TrunkBook([]), office.registrar, digest, {"101": "a"})
    challenge = replace(parse_challenge(office.ask(NOW)), qop=())
    value = authorize(challenge, "INVITE", "sip:elsewhere", "101", "a", cnonce="")
    invite = request("INVITE", headers=f"Authorization: {value}\r\n")
    assert keeper.admit(invite, SOURCE, NOW) == Admitted("101", "4008001234", agent="101")


@pytest.mark.parametrize(
    ("options", "port", "via"),
    [
        ((), 5062, "192.0.2.9:5062;branch=z9hG4bKa1;received=198.51.100.4"),
        ((Compat.ANSWER_TO_SOURCE,), SOURCE.port, f"rport={SOURCE.port};received=198.51.100.4"),
    ],
    ids=["off", "on"],
)
def test_a_phone_behind_nat_that_asks_for_no_rport(options: tuple[Compat, ...], port: int, via: str) -> None:
    office = Lenient(*options)
    network = Network()
    line = network.party("line", "10.0.0.2")
    line.endpoint.set_symmetric(lambda user: office.phones.traits_of(user).symmetric)
    network.inject(request("OPTIONS", user="101").to_bytes(), line, SOURCE)
    (asked,) = line.seen(Requested)
    line.do(lambda endpoint, now: endpoint.answer_request(asked.key, now, 200))
    answer, destination = next((item, to) for item, _, to in network.wire if isinstance(item, Response))
    assert (destination.host, destination.port) == (SOURCE.host, port)
    assert via in str(answer.headers.get("Via"))


def test_a_phone_that_listens_elsewhere_is_reached_by_its_contact() -> None:
    contact = "<sip:101@198.51.100.4:5070;transport=tcp>"
    usual, told = Lenient(), Lenient(Compat.CONTACT_AS_GIVEN)
    for office in (usual, told):
        office.register(contact, 300)
    assert usual.phones.targets("101", NOW)[0].hop == SOURCE, "off by default: phones sit behind NAT"
    assert told.phones.targets("101", NOW)[0].hop == Hop("TCP", "198.51.100.4", 5070)
