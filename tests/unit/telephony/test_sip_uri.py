import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from telephony.sip.address import NameAddress, parse_address, parse_addresses
from telephony.sip.params import Params
from telephony.sip.uri import OtherUri, SipUri, parse_sip_uri, parse_uri

SETTINGS = settings(max_examples=100, deadline=None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
LINE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)
HOSTS = st.sampled_from(["example.com", "192.0.2.1", "[2001:db8::1]", "a-b.c_d"])
URI_PARAMS = st.lists(st.tuples(TEXT, st.none() | TEXT), max_size=3).map(lambda items: Params(tuple(items)))
HEADERS = st.lists(st.tuples(TEXT, st.text("a&=;?@ é中", max_size=5)), max_size=2).map(lambda i: Params(tuple(i)))
URIS = st.builds(
    SipUri,
    host=HOSTS,
    user=TEXT,
    port=st.none() | st.integers(0, 65535),
    scheme=st.sampled_from(["sip", "sips"]),
    password=st.none() | TEXT,
    params=URI_PARAMS,
    headers=HEADERS,
)


@SETTINGS
@given(URIS)
def test_every_uri_reads_back(uri: SipUri) -> None:
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:4001234567@192.0.2.1", SipUri("192.0.2.1", "4001234567")),
        ("SIPS:Bob@EXAMPLE.com:5061", SipUri("example.com", "Bob", 5061, "sips")),
        ("sip:192.0.2.1;lr", SipUri("192.0.2.1", params=Params((("lr", None),)))),
        ("sip:*21#@example.com", SipUri("example.com", "*21#")),
        ("sip:[2001:db8::10]:5070", SipUri("[2001:db8::10]", port=5070)),
        ("sip:a;b?c/d@h", SipUri("h", "a;b?c/d")),
        ("tel:+86-10-1234;ext=5", OtherUri("tel", "+86-10-1234;ext=5")),
        ("urn:service:sos", OtherUri("urn", "service:sos")),
    ],
)
def test_parse(text: str, uri: SipUri | OtherUri) -> None:
    assert parse_uri(text) == uri


@pytest.mark.parametrize(
    "text",
    ["", "sip:", "sip:@host", "sip:a@", "sip:a@h:99999", "sip:a@h:x", "sip: a@h", "sip:a@h;", "sip:a%4@h", "<sip:a@h>",
     "sip:a@h?x", "sip:a@b@c", "nothing", "sip:a\r\n@h", "sip:" + "a" * 3000 + "@h", "sip:a@ho\u017ft", "\u017fip:a@h"],
)  # fmt: skip
def test_malformed_uris(text: str) -> None:
    with pytest.raises(ParseError):
        parse_uri(text)


def test_parts() -> None:
    uri = parse_sip_uri("sip:bob:pw@example.com;transport=tcp;LR?Subject=x")
    assert uri.transport == "TCP"
    assert uri.is_loose_router
    assert str(uri.bare()) == "sip:bob@example.com"
    assert parse_uri("tel:+8613900000000;phone-context=x").user == "+8613900000000"
    assert parse_uri("mailto:a@b").user == ""
    with pytest.raises(ParseError):
        parse_sip_uri("tel:1")


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp", True),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", True),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5", True),
        ("sip:a@b.com?Subject=x&to=y", "sip:a@b.com?to=y&subject=x", True),
        ("SIP:ALICE@AtLanTa.CoM", "sip:alice@AtLanTa.CoM", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", False),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", False),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", False),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next", False),
        ("sip:1@h", "tel:1", False),
    ],
)
def test_equivalence_examples_of_rfc3261_19_1_4(left: str, right: str, same: bool) -> None:
    assert parse_sip_uri(left).equivalent(parse_uri(right)) is same


@SETTINGS
@given(URIS, LINE, LINE.filter(bool))
def test_every_address_reads_back(uri: SipUri, display: str, value: str) -> None:
    address = NameAddress(uri, display, Params((("tag", value), ("flag", None))))
    assert parse_address(str(address)) == address


def test_addresses() -> None:
    chinese = parse_address("张 三 <sip:8001@pbx>;tag=1")
    assert (chinese.display, chinese.tag) == ("张 三", "1")
    plain = parse_address("sip:a@b;tag=x")
    assert plain.tag == "x"
    assert not plain.uri.params  # type: ignore[union-attr]
    assert str(plain.without_tag()) == "<sip:a@b>"
    two = parse_addresses('"a, b" <sip:a@b>;q=1 , <sip:c,d@e;lr>')
    assert [item.display for item in two] == ["a, b", ""]
    for broken in ("", "<sip:a@b", '"a <sip:a@b>', "a, b <sip:a@b>", "<sip:a@b>;;", "sip:a@b?x=y", "<>", "<sip:a@b> x"):
        with pytest.raises(ParseError):
            parse_address(broken)
    with pytest.raises(ParseError):
        parse_addresses("<sip:a@b>,,<sip:c@d>")
