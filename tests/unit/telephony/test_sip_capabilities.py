"""What we say that we can do is the same wherever we say it, and is what we do."""

import pytest

from telephony.sip import capabilities
from telephony.sip.message import Response
from telephony.sip.parser import parse_message
from telephony.sip.settings import SipSettings
from tests.unit.telephony.security_bench import CARRIER, STRANGER, House, wire
from tests.unit.telephony.test_sip_endpoint import Bench, raw

ABLE = ("Allow", "Supported", "Accept", "Accept-Encoding", "Accept-Language")
CALLS = "ACK, BYE, CANCEL, INFO, INVITE, OPTIONS, PRACK, REFER"
SDP = "application/sdp, multipart/alternative, multipart/mixed, multipart/related"


def said(answer: Response) -> dict[str, str]:
    return {name: ", ".join(answer.headers.get_all(name)) for name in ABLE if name in answer.headers}


@pytest.mark.parametrize("source", [CARRIER, STRANGER])
def test_options_outside_of_a_call_list_all(source: object) -> None:
    assert source in (CARRIER, STRANGER)
    house = House()
    (sent,) = house.give(wire("OPTIONS", "sip:192.0.2.1"), CARRIER if source is CARRIER else STRANGER)
    answer = parse_message(sent.data)
    assert isinstance(answer, Response)
    assert said(answer) == {
        "Allow": f"{CALLS}, REGISTER, UPDATE",
        "Supported": "100rel, norefersub, outbound, path, replaces, timer",
        "Accept": SDP,
        "Accept-Encoding": "identity",
        "Accept-Language": "en",
    }


def test_options_within_a_call_list_what_holds_there() -> None:
    bench = Bench()
    bench.give(raw())
    session = bench.events[-1]
    bench.line.do(lambda endpoint, now: endpoint.accept(session.session, now, b"v=0\r\n"))  # type: ignore[union-attr]
    invited = bench.last
    assert said(invited) == {"Allow": f"{CALLS}, UPDATE", "Supported": "100rel, norefersub, replaces, timer"}
    tag = invited.to.tag or ""
    bench.give(raw("ACK", branch="z9hG4bKx2", to_tag=tag))
    assert bench.give(raw("OPTIONS", branch="z9hG4bKx3", to_tag=tag, cseq=2)) == [200]
    assert said(bench.last) == said(invited) | {
        "Accept": SDP, "Accept-Encoding": "identity", "Accept-Language": "en",
    }  # fmt: skip
    assert bench.give(raw("REGISTER", branch="z9hG4bKx4", to_tag=tag, cseq=3)) == [405]
    assert said(bench.last) == {"Allow": f"{CALLS}, UPDATE"}


def test_a_line_without_session_timers_or_a_registrar_claims_none() -> None:
    bench = Bench(SipSettings(session_expires_s=0, handed_up=frozenset({"OPTIONS"})))
    bench.give(raw("OPTIONS"))
    requested = bench.events[-1]
    bench.line.do(lambda endpoint, now: endpoint.answer_request(requested.key, now, 200))  # type: ignore[union-attr]
    assert said(bench.last)["Allow"] == f"{CALLS}, UPDATE"
    assert said(bench.last)["Supported"] == "100rel, norefersub, replaces"


@pytest.mark.parametrize(
    ("extra", "body", "header"),
    [
        ((("Content-Type", "text/plain"),), b"x", capabilities.ACCEPT),
        ((("Content-Type", "application/sdp"), ("Content-Encoding", "gzip")), b"x", capabilities.ACCEPT_ENCODING),
    ],
)
def test_a_body_that_is_not_read_is_refused_with_what_options_list(
    extra: tuple[tuple[str, str], ...], body: bytes, header: tuple[str, str]
) -> None:
    bench = Bench()
    assert bench.give(raw(extra=extra, body=body)) == [415]
    assert said(bench.last) == dict([header])


@pytest.mark.parametrize(("option", "status"), [("path", 401), ("outbound", 401), ("gruu", 420)])
def test_a_registration_may_require_what_is_listed(option: str, status: int) -> None:
    (sent,) = House().give(wire("REGISTER", "sip:192.0.2.1", f"Require: {option}\r\n"))
    assert sent.status == status
