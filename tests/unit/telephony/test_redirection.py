"""A carrier answers a call of ours by 3xx: it is followed within the trunk and within what may be dialled, else not."""

import asyncio

import pytest

from core.errors import CallRejected, NotAllowed
from telephony.doorkeeper import Doorkeeper
from telephony.phones import Phones
from telephony.ports import Leg
from telephony.redirection import MAX_HOPS, Onward, Redirected, Redirections
from telephony.registrar import Registrar
from telephony.security_facts import OutsideCallRefused
from telephony.sip.address import NameAddress, parse_address
from telephony.sip.digest_server import DigestServer
from telephony.sip.events import Answered, Refused
from telephony.sip.hop import Hop
from telephony.sip.identity import Diversion
from telephony.sip.locating import Server
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_identity import Forwarding, IdentityPolicy
from tests.unit.telephony.doubles import Rooms, far_side

A, B = Hop("UDP", "203.0.113.5", 5060), Hop("UDP", "203.0.113.6", 5060)
NUMBER = "+8613900139000"
POLICY = IdentityPolicy(domain="ims.carrier.test", forwarding=Forwarding.BOTH)
TRUNK = TrunkSettings("carrier", "carrier.test", port=0, sources=("198.51.100.0/28",), identity=POLICY)


def contacts(*texts: str) -> tuple[NameAddress, ...]:
    return tuple(parse_address(text) for text in texts)


def moved(*texts: str, status: int = 302) -> Redirected:
    return Redirected(CallRejected(status), contacts(*texts))


def ways(trunk: TrunkSettings = TRUNK, barred: str = "") -> Redirections:
    def may(number: str) -> str:
        if number == barred:
            raise NotAllowed("barred")
        return number

    return Redirections(trunk, (A, B), NUMBER, may)


@pytest.mark.parametrize(
    ("contact", "uri", "hop"),
    [
        ("<sip:13700137000@carrier.test>", "sip:13700137000@carrier.test", None),
        ("<sip:13700137000@ims.Carrier.test.>", "sip:13700137000@ims.carrier.test.", None),
        ("<sip:13700137000@203.0.113.6:5060>", "sip:13700137000@203.0.113.6:5060", B),
        ("<sip:13700137000@203.0.113.6:5080>", "sip:13700137000@203.0.113.6:5080", Hop("UDP", "203.0.113.6", 5080)),
        ("<sip:13700137000@198.51.100.7>", "sip:13700137000@198.51.100.7", Hop("UDP", "198.51.100.7", 5060)),
        # what it asks for beside number and place is its own affair
        (
            "<sip:13700137000;npdi;rn=90012345678@carrier.test;user=phone;cause=302?Diversion=x&Replaces=y>",
            "sip:13700137000@carrier.test;user=phone",
            None,
        ),
        ("<sip:13900139000@203.0.113.6>", "sip:13900139000@203.0.113.6", B),
    ],
)
def test_a_place_of_the_trunk_is_followed(contact: str, uri: str, hop: Hop | None) -> None:
    way = ways()
    way.take(moved(contact))
    onward = way.next()
    assert onward is not None
    assert (str(onward.uri), onward.hop, way.next(), way.refused) == (uri, hop, None, [])


@pytest.mark.parametrize(
    ("contact", "why"),
    [
        ("<sip:13700137000@elsewhere.test>", "none of the trunk's addresses"),
        ("<sip:13700137000@carrier.test.elsewhere.test>", "none of the trunk's addresses"),
        ("<sip:13700137000@203.0.113.7>", "none of the trunk's addresses"),
        ("<sip:13700137000@198.51.100.16>", "none of the trunk's addresses"),
        ("<sip:carrier.test@192.0.2.1>", "none of the trunk's addresses"),
        ("<sip:13700137000@carrier.test;maddr=192.0.2.66>", "maddr"),
        ("<sip:13700137000@carrier.test;transport=tcp>", "another transport"),
        ("<sips:13700137000@carrier.test>", "another transport"),
        ("<tel:+8613700137000>", "a tel address"),
        ("<http://carrier.test/>", "a http address"),
        ("<sip:carrier.test>", "no number"),
        ("<sip:110@carrier.test>", "emergency"),
        ("<sip:13900139000@carrier.test>", "there already"),
        ("<sip:+8613900139000@carrier.test:5060>", "there already"),
    ],
)
def test_security_another_place_is_not_followed(contact: str, why: str) -> None:
    way = ways()
    way.take(moved(contact))
    assert way.next() is None
    assert len(way.refused) == 1 and why in way.refused[0]


def test_contacts_are_tried_in_their_order_and_the_answer_of_the_last_goes_first() -> None:
    way = ways()
    way.take(
        moved("<sip:1@x>;q=0.1", "<sip:13700137001@carrier.test>;q=0.5", "<sip:13700137002@carrier.test>", status=300)
    )
    assert _number(way) == "13700137002"
    way.take(moved("<sip:13700137003@carrier.test>;q=0.01"))
    assert [_number(way), _number(way), _number(way)] == ["13700137003", "13700137001", ""]
    assert len(way.refused) == 1


def _number(way: Redirections) -> str:
    onward = way.next()
    return onward.number if onward is not None else ""


def test_security_a_carrier_sends_a_call_on_five_times_at_most_and_never_in_a_circle() -> None:
    way = ways()
    for number in range(20):
        way.take(moved(f"<sip:137001370{number:02}@carrier.test>"))
        if way.next() is None:
            break
    assert number == MAX_HOPS == 5
    way = ways()
    way.take(moved("<sip:13700137000@carrier.test>"))
    assert _number(way)
    way.take(moved("<sip:13900139000@carrier.test>", "<sip:13700137000@carrier.test>", "<sip:13700137000@203.0.113.6>"))
    assert isinstance(last := way.next(), Onward) and last.hop == B, "another address of the carrier's is another way"
    assert way.refused == ["it has been called there already"] * 2


def test_use_proxy_sends_the_same_request_another_way() -> None:
    way = ways()
    way.take(moved("<sip:198.51.100.3:5070;lr>", "<sip:192.0.2.1>", status=305))
    onward = way.next()
    assert onward == Onward(NUMBER, onward.uri if onward else TRUNK_URI, Hop("UDP", "198.51.100.3", 5070))
    assert onward is not None and str(onward.uri) == "sip:13900139000@carrier.test" and way.next() is None


TRUNK_URI = parse_address("<sip:x@y>").uri


def test_behind_a_proxy_all_goes_by_it() -> None:
    trunk = TrunkSettings("carrier", "carrier.test", proxy="203.0.113.5", sources=("198.51.100.7",))
    way = ways(trunk)
    way.take(moved("<sip:13700137000@198.51.100.7:5080>", "<sip:13700137000@carrier.test>"))
    assert [onward.hop for onward in iter(way.next, None)] == [None, None]


def test_who_has_sent_it_on_is_known() -> None:
    way = ways()
    way.take(moved("<sip:13700137001@carrier.test>", "<sip:13900139000@203.0.113.6>"))
    first = way.next()
    assert first is not None and first.diversions == (Diversion("13900139000", "unconditional"),)
    way.take(moved("<sip:13700137002@carrier.test>", status=380))
    second = way.next()
    assert second is not None
    assert second.diversions == (Diversion("13700137001", "unknown"), Diversion("13900139000", "unconditional"))
    third = way.next()
    assert third is not None and third.diversions == (), "the same number elsewhere was not diverted"


# Through the switchboard


class Desk(Rooms):
    """A carrier of two addresses whose calls may be redirected."""

    def __init__(self) -> None:
        super().__init__()
        digest = DigestServer("line400", b"0" * 16, algorithms=("MD5",))
        registrar = Registrar(digest, {})
        self.trunks = TrunkBook([TRUNK])
        self.trunks.places("carrier").found([Server(rank, 0, (hop,)) for rank, hop in enumerate((A, B))])
        self.board = Switchboard(
            stack=self.stack,
            room=self.room,
            log=self.log,
            clock=self.clock,
            ids=self.ids,
            trunks=self.trunks,
            phones=Phones(registrar, {}),
            doorkeeper=Doorkeeper(self.trunks, registrar, digest, {}),
        )

    def dial(self, by: str = "101") -> "asyncio.Task[Leg]":
        return asyncio.create_task(
            self.board.dial(NUMBER, "c1", trunk="carrier", caller_id="4008001234", timeout_s=30, by=by)
        )

    def called(self) -> list[tuple[str, str]]:
        return [(str(command[1].host), str(command[2])) for command in self.stack.done if command[0] == "invite"]  # type: ignore[attr-defined]

    def moves(self, session: str, *texts: str, status: int = 302) -> None:
        self.stack.tell(Refused(session, status, "Moved", None, contacts(*texts)))


async def turn() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_call_is_sent_on_and_answered() -> None:
    desk = Desk()
    dialling = desk.dial()
    await turn()
    desk.moves("s1", "<sip:13700137000@203.0.113.6>;q=0.9", "<sip:13700137001@carrier.test>;q=0.1")
    await turn()
    assert desk.called() == [
        ("203.0.113.5", "sip:13900139000@carrier.test"), ("203.0.113.6", "sip:13700137000@203.0.113.6"),
    ]  # fmt: skip
    assert desk.trunks.calls("carrier") == 1, "the first channel is free again"
    desk.stack.tell(Refused("s2", 486, "Busy Here"))
    await turn()
    desk.stack.tell(Answered("s3", far_side().offer()))
    leg = await dialling
    assert leg.number == "+8613700137001"
    await leg.hang_up()


@pytest.mark.parametrize(
    "contact", ["<sip:13700137000@192.0.2.66>", "<sip:+18005551234@carrier.test>", "<sip:16812345@carrier.test>"]
)
async def test_security_a_carrier_cannot_have_us_call_elsewhere_or_dear_numbers(contact: str) -> None:
    desk = Desk()
    dialling = desk.dial()
    await turn()
    desk.moves("s1", contact)
    with pytest.raises(CallRejected) as refused:
        await dialling
    assert refused.value.status == 302 and len(desk.called()) == 1
    assert desk.trunks.calls("carrier") == 0
    dear = "carrier.test" in contact
    assert len(desk.log.facts(OutsideCallRefused)) == dear, "who has asked is in the log"


async def test_security_what_nobody_dials_himself_is_not_led_to_another_number() -> None:
    desk = Desk()
    dialling = desk.dial(by="")
    await turn()
    desk.moves("s1", "<sip:13700137000@carrier.test>", "<sip:13900139000@203.0.113.6>")
    await turn()
    assert desk.called()[1:] == [("203.0.113.6", "sip:13900139000@203.0.113.6")]
    desk.stack.tell(Refused("s2", 603, "Decline"))
    with pytest.raises(CallRejected) as refused:
        await dialling
    assert refused.value.status == 603


async def test_security_redirections_count_as_calls_of_who_dials() -> None:
    desk = Desk()
    dialling = desk.dial()
    await turn()
    for number in range(1, 9):
        desk.moves(f"s{number}", f"<sip:1370013700{number}@carrier.test>")
        await turn()
    with pytest.raises(CallRejected):
        await dialling
    assert len(desk.called()) == 1 + MAX_HOPS
    assert len(desk.board.tolls._calls.get("by 101") or ()) == 1 + MAX_HOPS


async def test_a_6xx_is_the_persons_word_for_all_places() -> None:
    desk = Desk()
    dialling = desk.dial()
    await turn()
    desk.moves("s1", "<sip:13700137000@carrier.test>", "<sip:13700137001@carrier.test>")
    await turn()
    desk.stack.tell(Refused("s2", 603, "Decline"))
    with pytest.raises(CallRejected) as refused:
        await dialling
    assert refused.value.status == 603 and len(desk.called()) == 2
