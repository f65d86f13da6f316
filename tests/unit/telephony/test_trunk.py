"""Trunks: whose call is it, and is there a free channel."""

import pytest

from telephony.sip.credentials import Credentials
from telephony.sip.hop import Hop
from telephony.trunk import TrunkBook, TrunkSettings


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
