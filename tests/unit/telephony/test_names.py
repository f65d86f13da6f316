"""Names asked of a real name server on loopback."""

import pytest

from core.errors import ParseError, Unavailable
from telephony.name_servers import name_server
from telephony.names import DnsNames, find
from telephony.sip.hop import Hop
from telephony.sip.locating import Kind, Query, Srv, Target
from tests.dns_server import DnsServer

ZONE = (
    'carrier.test. 120 IN NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.carrier.test.',
    'carrier.test. 120 IN NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.carrier.test.',
    "_sip._tcp.carrier.test. 90 IN SRV 10 1 5070 a.carrier.test.",
    "_sip._udp.carrier.test. 90 IN SRV 10 1 5060 a.carrier.test.",
    "_sip._udp.carrier.test. 90 IN SRV 20 1 5060 b.carrier.test.",
    "a.carrier.test. 240 IN A 192.0.2.1",
    "b.carrier.test. 240 IN A 192.0.2.2",
    "b.carrier.test. 240 IN AAAA 2001:db8::2",
    "_sip._udp.none.test. 90 IN SRV 0 0 0 .",
)


async def test_naptr_srv_and_addresses() -> None:
    async with DnsServer(*ZONE) as server:
        names = DnsNames([server.address])
        located = await find(Target("carrier.test", families=(4, 6)), names)
        assert [hop for one in located.servers for hop in one.hops] == [
            Hop("TCP", "192.0.2.1", 5070),
            Hop("UDP", "192.0.2.1", 5060),
            Hop("UDP", "192.0.2.2", 5060),
            Hop("UDP", "2001:db8::2", 5060),
        ]
        assert server.asked[0] == "carrier.test NAPTR"
        answer = await names.ask(Query("_sip._udp.none.test", Kind.SRV))
        assert answer.srv == (Srv(0, 0, 0, ""),) and answer.ttl_s == 90.0


async def test_no_such_name() -> None:
    async with DnsServer(*ZONE) as server:
        with pytest.raises(Unavailable, match="no such name"):
            await find(Target("nobody.test"), DnsNames([server.address]))


async def test_a_silent_server_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.names.ASK_S", 0.2)
    async with DnsServer(*ZONE) as server:
        server.silent = True
        with pytest.raises(Unavailable, match="does not answer"):
            await find(Target("carrier.test", 5060), DnsNames([server.address]))


async def test_what_is_no_name_asks_nobody() -> None:
    async with DnsServer() as server:
        answer = await DnsNames([server.address]).ask(Query("x" * 70 + ".test", Kind.A))
        assert answer.silent and server.asked == []


async def test_the_hosts_file_of_this_machine_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    async with DnsServer() as server:
        names = DnsNames([server.address])
        monkeypatch.setattr(names, "_own", False)  # as with the name servers of the system
        assert "127.0.0.1" in (await names.ask(Query("localhost", Kind.A))).addresses
        assert (await names.ask(Query("nobody.invalid", Kind.A))).addresses == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_name_servers_as_people_write_them(text: str, expected: tuple[str, int]) -> None:
    assert name_server(text) == expected


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:99999"])
def test_what_is_no_name_server(text: str) -> None:
    with pytest.raises(ParseError):
        name_server(text)
