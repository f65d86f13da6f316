"""RFC 3263: which servers a domain has, asked of a table in place of the DNS."""

import itertools
import random

import pytest

from core.errors import Unavailable
from telephony.sip.hop import Hop
from telephony.sip.locating import (
    MAX_SERVERS,
    Answer,
    Kind,
    Located,
    Naptr,
    Query,
    Server,
    Srv,
    Target,
    drawn,
    locate,
)

ALL = ("UDP", "TCP", "TLS")


def run(target: Target, records: dict[tuple[str, str], Answer]) -> tuple[Located, list[str]]:
    search = locate(target)
    asked: list[str] = []
    try:
        query = next(search)
        while True:
            asked.append(f"{query.name} {query.kind.value}")
            query = search.send(records.get((query.name, query.kind.value), Answer()))
    except StopIteration as over:
        return over.value, asked


def hops(located: Located) -> list[str]:
    return [str(hop) for server in located.servers for hop in server.hops]


A = {
    (f"{name}.carrier.test", "A"): Answer(addresses=(f"192.0.2.{number}",), ttl_s=300)
    for number, name in enumerate("abcdef", 1)
}


def srv(*lines: tuple[int, int, int, str], ttl_s: float = 600) -> Answer:
    return Answer(srv=tuple(Srv(*line) for line in lines), ttl_s=ttl_s)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (Target("192.0.2.7"), "udp:192.0.2.7:5060"),
        (Target("192.0.2.7", 5070, "TCP"), "tcp:192.0.2.7:5070"),
        (Target("192.0.2.7", transport="TLS"), "tls:192.0.2.7:5061"),
        (Target("[2001:db8::7]", transport="UDP"), "udp:[2001:db8::7]:5060"),
    ],
)
def test_an_address_asks_nobody(target: Target, expected: str) -> None:
    located, asked = run(target, {})
    assert (hops(located), asked) == ([expected], [])


def test_with_a_port_only_addresses_are_asked_for() -> None:
    located, asked = run(Target("a.carrier.test", 5080, families=(4, 6)), A)
    assert (hops(located), asked) == (["udp:192.0.2.1:5080"], ["a.carrier.test A", "a.carrier.test AAAA"])
    assert located.ttl_s == 60.0  # the name has no AAAA now; it may soon


def test_a_transport_that_is_given_is_looked_up_by_srv() -> None:
    records = A | {
        ("_sip._tcp.carrier.test", "SRV"): srv((20, 0, 5062, "b.carrier.test"), (10, 0, 5061, "a.carrier.test"))
    }
    located, asked = run(Target("carrier.test", transport="TCP"), records)
    assert hops(located) == ["tcp:192.0.2.1:5061", "tcp:192.0.2.2:5062"]
    assert asked[0] == "_sip._tcp.carrier.test SRV" and located.ttl_s == 300.0


def test_a_server_by_tls_must_prove_the_domain_and_not_the_name_that_srv_gives() -> None:
    records = A | {("_sips._tcp.carrier.test", "SRV"): srv((10, 0, 5061, "a.carrier.test"))}
    located, _ = run(Target("carrier.test", transport="TLS", transports=ALL), records)
    assert located.servers[0].hops == (Hop("TLS", "192.0.2.1", 5061, "carrier.test"),)


def test_without_srv_the_name_itself_is_the_server() -> None:
    located, asked = run(Target("c.carrier.test", transport="UDP"), A)
    assert (hops(located), asked) == (["udp:192.0.2.3:5060"], ["_sip._udp.c.carrier.test SRV", "c.carrier.test A"])


def test_naptr_chooses_the_transport_among_those_that_we_have() -> None:
    records = A | {
        ("carrier.test", "NAPTR"): Answer(
            naptr=(
                Naptr(50, 50, "s", "SIPS+D2T", "_sips._tcp.carrier.test"),
                Naptr(100, 50, "S", "sip+d2u", "_sip._udp.carrier.test"),
                Naptr(90, 50, "s", "SIP+D2T", "_sip._tcp.carrier.test"),
                Naptr(10, 50, "u", "E2U+sip", "x"),
                Naptr(10, 50, "s", "SIP+D2X", "y"),
            )
        ),
        ("_sips._tcp.carrier.test", "SRV"): srv((1, 0, 5061, "c.carrier.test")),
        ("_sip._udp.carrier.test", "SRV"): srv((1, 0, 5060, "a.carrier.test")),
        ("_sip._tcp.carrier.test", "SRV"): srv((2, 0, 5060, "b.carrier.test")),
    }
    located, asked = run(Target("carrier.test"), records)
    assert hops(located) == ["tcp:192.0.2.2:5060", "udp:192.0.2.1:5060"]
    assert "x SRV" not in asked and "_sips._tcp.carrier.test SRV" not in asked
    assert drawn(located.servers, lambda: 0.5)[0].transport == "TCP", "order 90 stands before order 100"
    located, _ = run(Target("carrier.test", transports=ALL), records)
    assert hops(located)[0] == "tls:192.0.2.3:5061"


def test_without_naptr_the_first_transport_with_srv_records_is_taken() -> None:
    records = A | {("_sip._tcp.carrier.test", "SRV"): srv((2, 0, 5060, "b.carrier.test"))}
    located, asked = run(Target("carrier.test", transports=ALL), records)
    assert hops(located) == ["tcp:192.0.2.2:5060"]
    assert asked[:3] == ["carrier.test NAPTR", "_sip._udp.carrier.test SRV", "_sip._tcp.carrier.test SRV"]


def test_a_domain_that_takes_no_calls_is_not_called() -> None:
    records = A | {("_sip._udp.a.carrier.test", "SRV"): srv((0, 0, 0, ""))}
    with pytest.raises(Unavailable, match="takes no calls"):
        run(Target("a.carrier.test", transport="UDP"), records)


def test_no_such_name_and_a_silent_dns_are_told_apart() -> None:
    with pytest.raises(Unavailable, match="no such name"):
        run(Target("nobody.test"), {})
    with pytest.raises(Unavailable, match="does not answer"):
        run(Target("nobody.test"), {("nobody.test", "A"): Answer(silent=True)})


def test_a_domain_of_very_many_servers_is_cut_short() -> None:
    many = srv(*((number, 0, 5060, f"s{number}.test") for number in range(60)))
    records = {("_sip._udp.big.test", "SRV"): many} | {
        (f"s{number}.test", "A"): Answer(addresses=tuple(f"10.0.{number}.{last}" for last in range(40)))
        for number in range(60)
    }
    located, asked = run(Target("big.test", transport="UDP"), records)
    assert len(located.servers) == MAX_SERVERS and len(asked) == 1 + MAX_SERVERS
    assert all(len(server.hops) == 8 for server in located.servers)


def test_ports_that_are_none_are_passed_over() -> None:
    records = A | {("_sip._udp.carrier.test", "SRV"): srv((1, 0, 0, "a.carrier.test"), (2, 0, 5060, "b.carrier.test"))}
    assert hops(run(Target("carrier.test", transport="UDP"), records)[0]) == ["udp:192.0.2.2:5060"]


def server(rank: int, weight: int, name: str) -> Server:
    return Server(rank, weight, (Hop("UDP", name, 5060),))


def test_ranks_stand_fast_and_weights_share() -> None:
    chance = random.Random(7).random
    servers = [server(2, 0, "last"), server(1, 3, "heavy"), server(1, 1, "light"), server(1, 0, "rare")]
    firsts = [drawn(servers, chance)[0].host for _ in range(4000)]
    assert 2800 < firsts.count("heavy") < 3200 and 800 < firsts.count("light") < 1200 and firsts.count("rare") < 20
    for _ in range(50):
        order = [hop.host for hop in drawn(servers, chance)]
        assert sorted(order) == ["heavy", "last", "light", "rare"] and order[-1] == "last"


def test_the_same_address_of_two_servers_is_tried_once() -> None:
    assert len(drawn([server(1, 1, "a"), server(2, 1, "a")], itertools.repeat(0.5).__next__)) == 1


def test_questions_are_values() -> None:
    assert Query("a", Kind.A) == Query("a", Kind.A)
