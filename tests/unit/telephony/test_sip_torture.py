"""The 49 messages of RFC 4475, each with the outcome of tests/vectors/rfc4475/manifest.toml."""

import tomllib
from pathlib import Path

import pytest

from core.errors import ParseError
from telephony.sip.digest_server import DigestServer, Verdict
from telephony.sip.message import Request, Response
from telephony.sip.parser import BrokenRequest, parse_message
from telephony.sip.screen import is_ours, screen

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "rfc4475"
MANIFEST = tomllib.loads((VECTORS / "manifest.toml").read_text(encoding="utf-8"))
SERVED = frozenset({"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "MESSAGE"})


def read(name: str) -> bytes:
    return (VECTORS / f"{name}.dat").read_bytes()


def outcome_of(data: bytes) -> tuple[str, int]:
    try:
        message = parse_message(data)
    except BrokenRequest as broken:
        return "answer", broken.status
    except ParseError:
        return "discard", 0
    if isinstance(message, Response):
        return ("accept", 0) if is_ours(message) else ("discard", 0)
    refusal = screen(message, methods=SERVED)
    if refusal is not None:
        return "refuse", refusal.status
    claims = message.headers.get_all("Authorization")
    server = DigestServer("example.com", b"0123456789abcdef")
    if claims and server.verify(claims, message.method, message.uri, {}.get, 0.0) is Verdict.ABSENT:
        return "challenge", 401
    return "accept", 0


def test_rfc4475_manifest_is_whole() -> None:
    assert sorted(MANIFEST) == sorted(path.stem for path in VECTORS.glob("*.dat"))
    assert len(MANIFEST) == 49


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_rfc4475_outcome(name: str) -> None:
    expected = MANIFEST[name]
    assert outcome_of(read(name)) == (expected["outcome"], expected.get("status", 0)), expected["why"]


@pytest.mark.parametrize("name", sorted(name for name in MANIFEST if MANIFEST[name]["outcome"] != "answer"))
def test_rfc4475_what_was_parsed_goes_out_as_it_came(name: str) -> None:
    try:
        message = parse_message(read(name))
    except ParseError:
        return
    again = parse_message(message.to_bytes())
    if "Content-Length" in message.headers:
        assert again.headers == message.headers
    assert again.start_line() == message.start_line()
    assert again.body == message.body
    for field in message.headers.fields():
        assert (field.line or "").encode("utf-8", "surrogateescape") in read(name)


def request(name: str) -> Request:
    message = parse_message(read(name))
    assert isinstance(message, Request)
    return message


def test_wsinv_details() -> None:
    message = request("wsinv")
    assert message.max_forwards == 68
    assert message.cseq == (9, "INVITE")
    assert message.to.tag == "1918181833n"
    assert message.from_.display == 'J Rosenberg \\"'
    assert [(via.transport, via.host) for via in message.vias] == [
        ("UDP", "192.0.2.2"),
        ("TCP", "spindle.example.com"),
        ("UDP", "192.168.255.111"),
    ]
    assert message.vias[2].branch == "z9hG4bK30239"
    assert message.contacts[0].display == 'Quoted string ""'
    assert message.contacts[0].params.get("q") == "0.33"
    assert "secondparam" in message.contacts[0].params
    assert message.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert message.routes[0].uri.params.get("unknownwith") == "value"  # type: ignore[union-attr]
    assert len(message.body) == 150


def test_intmeth_details() -> None:
    message = request("intmeth")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.to.display == "BEL:\a NUL:\0 DEL:\x7f"
    assert message.from_.display == "token1~` token2'+_ token3*%!.-"
    assert message.from_.tag == "_token~1'+`*%!-."
    assert message.from_.params.get("fromParam''~+*_!.-%") == "работающий"
    assert message.uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"  # type: ignore[union-attr]
    assert message.headers.get("extensionHeader-!.%*+_`'~") == "\ufeff大停電"
    assert message.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"


def test_escapes() -> None:
    first = request("esc01")
    assert first.uri.user == "sips:user@example.com"
    assert first.to.uri.user == "user"
    assert first.from_.uri.user == "I have spaces"
    contact = first.contacts[0].uri
    assert contact.user == "caller"
    assert contact.params.items == (("lr", None), ("name", "value%41"))  # type: ignore[union-attr]
    nulls = request("escnull")
    assert [contact.uri.user for contact in nulls.contacts] == ["\0", "\0\0"]
    assert str(nulls.contacts[1].uri) == "sip:%00%00@host5.example.com"
    percent = request("esc02")
    assert percent.to.display == "%Z%45"
    assert len(percent.contacts) == 2
    assert request("semiuri").uri.user == "user;par=u@example.net"


def test_contact_parameters_belong_where_the_brackets_say() -> None:
    outside, inside = request("cparam01").contacts[0], request("cparam02").contacts[0]
    assert "unknownparam" in outside.params
    assert not outside.uri.params  # type: ignore[union-attr]
    assert "unknownparam" in inside.uri.params  # type: ignore[union-attr]
    assert not inside.params
    assert request("regescrt").contacts[0].uri.headers.get("Route") == "<sip:sip.example.com>"  # type: ignore[union-attr]


def test_second_message_in_a_datagram_is_dropped() -> None:
    message = request("dblreq")
    assert (message.method, message.body) == ("REGISTER", b"")


def test_values_out_of_range_count_as_missing() -> None:
    text = read("scalar02").replace(b"36893488147419103232", b"1")
    message = parse_message(text)
    assert (message.max_forwards, message.expires) == (None, None)


def test_the_answer_to_a_broken_request_echoes_what_it_has() -> None:
    with pytest.raises(BrokenRequest) as caught:
        parse_message(read("insuf"))
    answer = caught.value.answer("mytag")
    assert answer.status == 400
    assert answer.top_via.branch == "z9hG4bKkdj.insuf"
    with pytest.raises(BrokenRequest) as caught:
        parse_message(read("badvers"))
    broken = caught.value
    assert broken.answer("mytag").to.tag == "mytag"
    assert broken.method == "OPTIONS"
    with pytest.raises(BrokenRequest) as caught:
        parse_message(read("quotbal"))
    assert b'To: "Mr. J. User <sip:j.user@example.com>\r\n' in caught.value.answer("t").to_bytes()
