"""Trunks: whose call is it, and is there a free channel."""

from dataclasses import replace

import pytest

from core.errors import ParseError, Unavailable
from telephony.sip.credentials import Credentials
from telephony.sip.hop import Hop
from telephony.sip.locating import Server
from telephony.trunk import TrunkBook, TrunkGroup, TrunkSettings
from telephony.trunk_numbers import parse_rule, rewrite
from telephony.trunk_pulse import Pulse, TrunkPulse


def test_calls_are_known_by_host_address_or_network() -> None:
    book = TrunkBook(
        [
            TrunkSettings("mobile", "203.0.113.5"),
            TrunkSettings("fixed", "carrier.example", sources=("198.51.100.0/24", "2001:db8::7")),
        ]
    )
    assert [trunk.name for trunk in book.all()] == ["mobile", "fixed"]
    found = {
        source: trunk.name if (trunk := book.of_source(Hop("UDP", source, 5060))) else ""
        for source in ("203.0.113.5", "203.0.113.6", "198.51.100.77", "2001:db8::7", "2001:db8::8")
    }
    assert found == {
        "203.0.113.5": "mobile", "203.0.113.6": "", "198.51.100.77": "fixed", "2001:db8::7": "fixed", "2001:db8::8": "",
    }  # fmt: skip


def test_of_two_trunks_at_one_address_the_port_decides() -> None:
    book = TrunkBook([TrunkSettings("a", "203.0.113.5", port=5060), TrunkSettings("b", "203.0.113.5", port=5070)])
    names = [trunk.name for port in (5060, 5070, 41000) if (trunk := book.of_source(Hop("TCP", "203.0.113.5", port)))]
    assert names == ["a", "b", "a"]


def test_channels_are_counted() -> None:
    book = TrunkBook([TrunkSettings("a", "203.0.113.5", max_calls=2)])
    assert [book.take("a"), book.take("a"), book.take("a")] == [True, True, False]
    assert book.calls("a") == 2
    book.give_back("a")
    assert book.take("a")


@pytest.mark.parametrize(("user", "expected"), [("", None), ("line", Credentials("line", "secret"))])
def test_what_a_trunk_is_called_with(user: str, expected: Credentials | None) -> None:
    trunk = TrunkSettings("a", "carrier.example", port=5080, transport="TCP", user=user, password="secret")
    assert trunk.credentials == expected
    assert trunk.hop == Hop("TCP", "carrier.example", 5080)


@pytest.mark.parametrize(
    ("number", "national"),
    [
        ("+8613800138000", "13800138000"),
        ("+862112345678", "02112345678"),
        ("+8675582345678", "075582345678"),
        ("+14155552671", "+14155552671"),
        ("4008001234", "4008001234"),
        ("95555", "95555"),
        ("8001", "8001"),
    ],
)
def test_the_form_in_which_a_carrier_gets_numbers(number: str, national: str) -> None:
    assert TrunkSettings("a", "carrier.example").dialled(number) == national
    assert TrunkSettings("a", "carrier.example", dial_format="e164").dialled(number) == number


def group(*names: str, weights: tuple[int, ...] = ()) -> TrunkBook:
    trunks = [TrunkSettings(name, f"203.0.113.{number}") for number, name in enumerate(names, 1)]
    return TrunkBook(trunks, [TrunkGroup("all", names, weights)])


def order(book: TrunkBook, name: str = "all") -> list[str]:
    return [trunk.name for trunk in book.candidates(name)]


def test_the_first_that_works_and_then_the_others() -> None:
    book = group("a", "b", "c")
    assert order(book) == order(book) == ["a", "b", "c"]
    assert order(book, "b") == ["b"] and order(book, "nobody") == []
    book.mark("a", down=True)
    assert order(book) == ["b", "c", "a"]  # a last: what is known of it may be old
    book.mark("b", down=True)
    book.mark("a", down=False)
    assert order(book) == ["a", "c", "b"]


def test_weights_spread_calls_evenly_in_their_proportion() -> None:
    book = group("a", "b", weights=(3, 1))
    firsts = [order(book)[0] for _ in range(400)]
    assert firsts.count("a") == 300 and firsts.count("b") == 100
    assert all("b" in firsts[start : start + 4] for start in range(0, 400, 4))
    book.mark("a", down=True)
    assert {order(book)[0] for _ in range(8)} == {"b"}


def test_calls_wait_their_turn() -> None:
    book = TrunkBook([TrunkSettings("a", "203.0.113.5", calls_per_s=2.0), TrunkSettings("b", "203.0.113.6")])
    assert [book.turn_s("a", 100.0) for _ in range(3)] == [0.0, 0.5, 1.0]
    assert book.turn_s("a", 101.0) == 0.5
    assert book.turn_s("a", 200.0) == 0.0
    for _ in range(10):
        book.turn_s("a", 300.0)
    with pytest.raises(Unavailable, match="2 a second"):
        for _ in range(2):
            book.turn_s("a", 300.0)
    assert {book.turn_s("b", 100.0) for _ in range(99)} == {0.0}


def test_everyone_always_sees_the_same_of_several_numbers() -> None:
    trunk = TrunkSettings("a", "carrier.example", caller_id="4000", caller_ids=("4001", "4002", "4003"))
    people = [f"+8613800138{count:03d}" for count in range(300)]
    shown = {number: trunk.shown(number) for number in people}
    assert shown == {number: trunk.shown(number) for number in reversed(people)}
    assert min(list(shown.values()).count(number) for number in trunk.caller_ids) > 60
    assert TrunkSettings("a", "x", caller_id="4000").shown(people[0]) == "4000"
    assert TrunkSettings("a", "x", user="line").shown(people[0]) == "line"


@pytest.mark.parametrize(
    ("rule", "number", "expected"),
    [
        (r"(1\d{10}) -> 0\1", "13800138000", "013800138000"),
        (r"(1\d{10}) -> 0\1", "02112345678", "02112345678"),
        (r"\+86(\d{3})(\d+)->\2#\1", "+8640012345", "12345#400"),
        (r"(.*) -> \1", "40 01", "40 01"),  # a space is in no number
        (r"(9)?0+ -> \1", "000", "000"),  # and nothing is none
        (r"0(\d+) -> \12", "0400", "4002"),  # group 1, then a 2
        (r"(0)?(\d{3}) -> 9\1\2", "400", "9400"),
    ],
)
def test_rules_rewrite_whole_numbers(rule: str, number: str, expected: str) -> None:
    assert rewrite(number, [parse_rule(rule)]) == expected
    trunk = TrunkSettings("a", "x", dial_format="e164", dial_rules=(parse_rule(rule),))
    assert trunk.dialled(number) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "", "1", "-> 2", "( -> 1", r"(1) -> \2", r"(1) -> 2\\", r"(1) -> \0", r"1 -> \g<0>", "1 -> 2 -> 3", "1" * 300,
        "0+ -> ", r"(.*) -> \1 x", r"(\d+) -> a>b\1", r"(\d+) -> \1@h",  # no numbers come out
        r"(?!400)\d+ -> 1", r"(\d)\1 -> 1", r"((\d{100}){100}){100} -> 1",  # cannot be matched in linear time and space
    ],
)  # fmt: skip
def test_rules_that_are_none(rule: str) -> None:
    with pytest.raises(ParseError):
        parse_rule(rule)


def test_the_first_rule_that_fits_is_taken() -> None:
    rules = [parse_rule(r"1\d -> first"), parse_rule(r"1\d+ -> second")]
    assert [rewrite(number, rules) for number in ("12", "123", "2")] == ["first", "second", "2"]


def test_no_pattern_and_no_number_takes_for_ever() -> None:
    nearly = "1" * 200
    for pattern in (r"(\d+)+x", r"(\d|\d\d)*x", r"(.*)*(.*)*(.*)*x", r"(\d?){150}\d{150}x"):
        assert rewrite(nearly, [parse_rule(f"{pattern} -> 9")]) == nearly
    whatever = [parse_rule(r".* -> 9")]
    assert rewrite("1" * 255, whatever) == "9"
    for strange in ("1" * 256, "１２", "1\udcff"):
        assert rewrite(strange, whatever) == strange


def names_of(book: TrunkBook, source: Hop, *called: str) -> str:
    trunk = book.of_call(source, called)
    return trunk.name if trunk is not None else ""


def test_two_accounts_at_one_carrier_are_told_apart_by_what_it_calls() -> None:
    here = Hop("UDP", "203.0.113.5", 5060)
    one, other = (
        TrunkSettings(name, "203.0.113.5", register=True, user=user, caller_id=shown)
        for name, user, shown in (("sales", "line1", "4008001234"), ("service", "line2", "02161234567"))
    )
    for trunks in ([one, other], [other, one]):
        book = TrunkBook(trunks)
        assert names_of(book, here, "line1", "4008001234") == "sales"
        assert names_of(book, here, "line2", "4008001234") == "service", "the account goes before the number"
        assert names_of(book, here, "+862161234567", "+862161234567") == "service", "in whatever form it is written"
        assert names_of(book, here, "4008001234", "4008001234") == "sales"
        assert names_of(book, here, "4009999999", "4009999999") == trunks[0].name
        assert names_of(book, here) == trunks[0].name
        assert names_of(book, Hop("UDP", "203.0.113.6", 5060), "line1") == ""


def test_who_names_an_address_more_exactly_gets_its_calls() -> None:
    wide = TrunkSettings("wide", "198.51.100.1", sources=("203.0.113.0/24",), caller_id="4001")
    near = TrunkSettings("near", "198.51.100.2", sources=("203.0.113.64/28", "203.0.113.0/25"))
    found = TrunkSettings("found", "carrier.test", caller_id="4002")
    book = TrunkBook([wide, near, found])
    book.places("found").found([Server(0, 0, (Hop("UDP", "203.0.113.70", 5060),))])
    calls = {last: names_of(book, Hop("UDP", f"203.0.113.{last}", 5060), "4001") for last in (64, 70, 80, 200)}
    assert calls == {64: "near", 70: "found", 80: "near", 200: "wide"}


def test_of_two_lines_of_one_machine_port_then_transport_decide() -> None:
    udp, tls = TrunkSettings("udp", "203.0.113.5"), TrunkSettings("tls", "203.0.113.5", transport="TLS", port=5061)
    book = TrunkBook([udp, tls])
    sources = [Hop("UDP", "203.0.113.5", 5060), Hop("TLS", "203.0.113.5", 5061), Hop("TLS", "203.0.113.5", 41000)]
    assert [names_of(book, source) for source in sources] == ["udp", "tls", "tls"]


def test_a_pulse() -> None:
    pulse = TrunkPulse(30.0)
    assert pulse.ask(0.0) and not pulse.ask(1.0)  # one question at a time
    assert pulse.answered(405, 0.2) and pulse.state is Pulse.UP and pulse.round_trip_s == pytest.approx(0.2)
    assert not pulse.ask(30.0) and pulse.ask(30.2)
    assert not pulse.answered(408, 62.2) and pulse.state is Pulse.UP
    assert pulse.ask(67.2)
    assert pulse.answered(503, 67.3) and pulse.state is Pulse.DOWN and pulse.round_trip_s is None
    assert pulse.ask(72.3) and not pulse.answered(408, 104.3)
    assert pulse.ask(109.3) and pulse.answered(200, 109.4) and pulse.state is Pulse.UP


def test_a_book_that_changes_keeps_count_of_the_calls_that_are_up() -> None:
    old, other = TrunkSettings("old", "203.0.113.5", max_calls=2), TrunkSettings("other", "203.0.113.6")
    book = TrunkBook([old, other], [TrunkGroup("all", ("old", "other"), (1, 1))])
    assert book.take("old") and book.take("other")
    book.mark("old", down=True)
    book.change([replace(other, max_calls=1), TrunkSettings("new", "203.0.113.5")], [TrunkGroup("all", ("new",))])
    assert [trunk.name for trunk in book.all()] == ["other", "new"]
    assert [trunk.name for trunk in book.candidates("all")] == ["new"]
    source = book.of_source(Hop("UDP", "203.0.113.5", 5060))
    assert source is not None and source.name == "new"
    assert not book.take("other"), "its one channel is in use"
    assert not book.take("old"), "no new calls on a trunk that is gone"
    assert (book.calls("old"), book.calls("other"), book.calls("new")) == (1, 1, 0)
    with pytest.raises(Unavailable, match="taken out"):
        book.turn_s("old", 0.0)
    for name in ("old", "other"):
        book.give_back(name)
    assert (book.calls("old"), book.calls("other")) == (0, 0)
    assert book.take("other")
