"""Path (RFC 3327): phones that register through proxies, and the way back to them."""

import pytest

from telephony.phone_traits import Compat, PhoneTraits
from telephony.phones import Phones
from telephony.registrar import Reply
from telephony.sip.address import NameAddress, parse_address
from telephony.sip.events import Invited, Progressed, Responded, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.message import Request
from telephony.sip.path import MAX_LENGTH, MAX_PROXIES
from telephony.sip.uri import SipUri
from tests.scenario.sip_network import Network, Party
from tests.unit.telephony.test_registrar import NOW, SOURCE, Office, office

__all__ = ["office"]
SUPPORTED = "Supported: outbound, Path\r\n"
EDGE = "<sip:198.51.100.4:5060;lr>"
INNER = "<sip:flow7@10.1.0.1;transport=tcp;lr>"
CONTACT = "<sip:101@10.0.0.7:5060>"


def paths(*values: str) -> str:
    return "".join(f"Path: {value}\r\n" for value in values)


def routes_of(office: Office, traits: PhoneTraits | None = None) -> list[str]:
    """By which proxies agent 101's only phone is called."""
    (target,) = Phones(office.registrar, {}, traits={"101": traits or PhoneTraits()}).targets("101", NOW)
    return [str(route) for route in target.routes]


@pytest.mark.parametrize("lines", [(EDGE, INNER), (f"{EDGE}, {INNER}",)], ids=["two lines", "one line"])
def test_the_way_is_kept_told_and_taken_back(office: Office, lines: tuple[str, ...]) -> None:
    reply = office.register(CONTACT, 120, more=SUPPORTED + paths(*lines))
    assert reply == Reply(200, (("Contact", f"{CONTACT};expires=120"), ("Path", f"{EDGE}, {INNER}")))
    assert routes_of(office) == [EDGE, INNER]
    assert Phones(office.registrar, {}).targets("101", NOW)[0].hop == SOURCE, "to where the proxy sent from"


def test_each_registration_brings_its_own_way(office: Office) -> None:
    office.register(CONTACT, 120, more=SUPPORTED + paths(EDGE, INNER))
    office.register(CONTACT, 120, more=SUPPORTED + paths(EDGE))
    assert routes_of(office) == [EDGE]
    assert office.register(CONTACT, 120, more=SUPPORTED) == Reply(200, (("Contact", f"{CONTACT};expires=120"),))
    assert routes_of(office) == []


@pytest.mark.parametrize("more", ["", "Supported: outbound, paths\r\n"])
def test_a_proxy_that_adds_a_path_behind_the_phones_back_is_told(office: Office, more: str) -> None:
    assert office.register(CONTACT, 120, more=more + paths(EDGE)) == Reply(420, (("Unsupported", "path"),))
    assert office.registrar.contacts("101", NOW) == []


def test_unless_the_agents_phones_are_known_for_it(office: Office) -> None:
    traits = {"101": PhoneTraits(compat=frozenset({Compat.PATH_UNASKED}))}
    phones = Phones(office.registrar, {}, traits=traits)
    office.registrar.path_unasked = lambda agent: phones.traits_of(agent).path_unasked
    assert office.register(CONTACT, 120, more=paths(EDGE)).status == 200
    assert routes_of(office) == [EDGE]
    assert office.register(CONTACT, 120, more=paths(EDGE), user="102", password="b").status == 420, "not for others"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((EDGE,) * MAX_PROXIES, 200),
        ((EDGE,) * (MAX_PROXIES + 1), 400),
        ((f"<sip:198.51.100.4;lr;x={'y' * MAX_LENGTH}>",), 400),
        (("<tel:+8613800138000>",), 400),
        (("<sip:198.51.100.4",), 400),
    ],
    ids=["as many as may be", "one more", "too long", "no SIP address", "malformed"],
)
def test_what_is_kept_is_bounded_and_readable(office: Office, lines: tuple[str, ...], status: int) -> None:
    assert office.register(CONTACT, 120, more=SUPPORTED + paths(*lines)).status == status
    assert len(office.registrar.contacts("101", NOW)) == (status == 200)


@pytest.mark.parametrize(
    ("edge", "instead"),
    [
        ("<sip:198.51.100.4:5070;transport=tcp;lr>", Hop("TCP", "198.51.100.4", 5070)),
        ("<sip:198.51.100.4;lr>", Hop("TCP", "198.51.100.4", 5060)),
        ("<sip:203.0.113.1;transport=tcp;lr>", None),
        ("<sip:198.51.100.4;transport=ws;lr>", None),
    ],
)
def test_a_proxy_whose_connection_is_lost_is_called_where_it_says(
    office: Office, edge: str, instead: Hop | None
) -> None:
    connection = Hop("TCP", "198.51.100.4", 40000)
    office.register(CONTACT, 120, more=SUPPORTED + paths(edge), source=connection)
    office.registrar.flow_lost(connection, NOW)
    assert [binding.hop for binding in office.registrar.contacts("101", NOW)] == ([instead] if instead else [])


def test_where_a_phone_is_called_as_it_says_the_proxy_before_it_is(office: Office) -> None:
    office.register(CONTACT, 120, more=SUPPORTED + paths("<sip:203.0.113.1:5070;transport=tcp;lr>"))
    traits = PhoneTraits(compat=frozenset({Compat.CONTACT_AS_GIVEN}))
    (target,) = Phones(office.registrar, {}, traits={"101": traits}).targets("101", NOW)
    assert target.hop == Hop("TCP", "203.0.113.1", 5070)


def by_route(route: str) -> tuple[Network, Party, Party]:
    """A call from the line to the phone's proxy, which here answers itself."""
    network = Network()
    line, edge = network.party("line", "10.0.0.2"), network.party("edge", "10.0.0.3")
    us, uri = NameAddress(SipUri("10.0.0.2")), SipUri("10.9.9.9", user="101")
    routes = (parse_address(route),)
    line.do(lambda endpoint, now: endpoint.invite(now, edge.hop, uri, us, NameAddress(uri), b"v=0", routes=routes))
    return network, line, edge


def lines_of(network: Network, *methods: str) -> list[tuple[str, str, str | None]]:
    """Method, Request-URI and Route of our requests."""
    sent = [message for message, _, _ in network.wire if isinstance(message, Request) and message.method in methods]
    return [(request.method, str(request.uri), request.headers.get("Route")) for request in sent]


def test_invite_cancel_and_the_refusals_ack_take_the_same_way() -> None:
    network, line, edge = by_route("<sip:10.0.0.3;lr>")

    def rings(party: Party, event: SipEvent) -> None:
        if isinstance(event, Invited):
            party.do(lambda endpoint, now: endpoint.progress(event.session, now))

    def gives_up(party: Party, event: SipEvent) -> None:
        if isinstance(event, Progressed):
            party.do(lambda endpoint, now: endpoint.hang_up(event.session, now))

    edge.react, line.react = rings, gives_up
    network.run(10)
    way = ("sip:101@10.9.9.9", "<sip:10.0.0.3;lr>")
    assert lines_of(network, "INVITE", "CANCEL", "ACK") == [("INVITE", *way), ("CANCEL", *way), ("ACK", *way)]


def test_a_strict_router_gets_the_call_in_its_own_way() -> None:
    network, _, _ = by_route("<sip:10.0.0.3>")
    assert lines_of(network, "INVITE") == [("INVITE", "sip:10.0.0.3", "<sip:101@10.9.9.9>")]


def test_the_question_whether_the_phone_is_there_takes_the_same_way() -> None:
    network = Network()
    line, edge = network.party("line", "10.0.0.2"), network.party("edge", "10.0.0.3")
    us, uri = NameAddress(SipUri("10.0.0.2")), SipUri("10.9.9.9", user="101")
    routes = (parse_address("<sip:10.0.0.3;lr>"),)
    line.do(lambda endpoint, now: endpoint.request(now, edge.hop, "OPTIONS", uri, us, NameAddress(uri), routes=routes))
    network.run(40)
    assert lines_of(network, "OPTIONS")[0] == ("OPTIONS", "sip:101@10.9.9.9", "<sip:10.0.0.3;lr>")
    assert line.seen(Responded)
