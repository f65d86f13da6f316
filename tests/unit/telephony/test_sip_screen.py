import pytest

from telephony.sip.headers import Headers
from telephony.sip.message import Request
from telephony.sip.screen import screen
from telephony.sip.uri import parse_uri

SERVED = frozenset({"INVITE", "ACK", "BYE", "OPTIONS", "REGISTER", "CANCEL"})


def request(method: str, *headers: tuple[str, str], uri: str = "sip:pbx", body: bytes = b"") -> Request:
    made = Request(method, parse_uri(uri), Headers([("To", "<sip:4001@pbx>"), *headers]), body)
    made.headers.add("CSeq", f"1 {method}")
    return made


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request("INVITE"), None),
        (request("INVITE", uri="tel:4001"), None),
        (request("REFER"), 405),
        (request("FLY"), 501),
        (request("FLY", uri="http://x"), 501),
        (request("OPTIONS", uri="http://x"), 416),
        (request("INVITE", ("Require", "100rel, timer")), 420),
        (request("CANCEL", ("Require", "100rel")), None),
        (request("ACK", ("Require", "100rel"), uri="http://x"), None),
        (request("INVITE", ("Content-Type", "text/plain"), body=b"x"), 415),
        (request("INVITE", ("Content-Type", "Application/SDP;x=y"), body=b"x"), None),
        (request("INVITE", ("c", "text/plain"), ("Content-Disposition", "icon;handling=optional"), body=b"x"), None),
        (request("INVITE", ("Content-Encoding", "gzip"), body=b"x"), 415),
        (request("OPTIONS", ("Content-Type", "text/plain"), body=b"x"), None),
        (request("INVITE", ("Accept", "text/plain, text/html")), 406),
        (request("INVITE", ("Accept", "text/plain"), ("Accept", "application/*;q=0.1")), None),
        (request("INVITE", ("Accept", "a,,b")), 400),
        (request("INVITE", ("Accept", "application/sdp;q=0")), 406),
        (request("INVITE", ("Accept", "application/sdp;level=1; q=0.000, text/plain")), 406),
        (request("INVITE", ("Accept", "application/sdp;q=0.01")), None),
    ],
)
def test_what_is_refused(asked: Request, status: int | None) -> None:
    refusal = screen(asked, methods=SERVED)
    assert (refusal.status if refusal else None) == status
    assert refusal is None or refusal.reason


def test_refusals_say_what_would_do() -> None:
    def headers(asked: Request) -> dict[str, str]:
        refusal = screen(asked, methods=SERVED, extensions=frozenset({"timer"}))
        return dict(refusal.headers) if refusal else {}

    assert headers(request("REFER"))["Allow"] == "ACK, BYE, CANCEL, INVITE, OPTIONS, REGISTER"
    assert headers(request("INVITE", ("Require", "timer, b, a"))) == {"Unsupported": "a, b"}
    plain = request("INVITE", ("Content-Type", "text/plain"), body=b"x")
    assert headers(plain) == {"Accept": "application/sdp, multipart/alternative, multipart/mixed, multipart/related"}
