"""Who calls and by way of whom: what carriers write, and what we write for them."""

import pytest

from core.errors import LocalProtocolError
from telephony.sip.headers import Headers
from telephony.sip.hop import Hop
from telephony.sip.identity import (
    ANONYMOUS,
    MAX_DIVERSIONS,
    Diversion,
    asserted_identity,
    diversion_lines,
    diversions_of,
    history_line,
    is_private,
    user_of,
)
from telephony.sip.uri import SipUri, parse_uri
from telephony.trunk_identity import CameBy, Forwarding, IdentityPolicy, Shown, caller_of, introduce
from tests.unit.telephony.doubles import request

TRUSTED = IdentityPolicy(trusted=True)
TO = SipUri("carrier.test", user="13900139000")


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ("P-Asserted-Identity: <sip:+8613800138000@ims.test>\r\n", "+8613800138000"),
        ('P-Asserted-Identity: "Wang" <sip:13800138000@ims.test;user=phone>, <tel:+8613800138000>\r\n', "13800138000"),
        ("P-Asserted-Identity: <tel:+8613800138000;cpc=ordinary>\r\n", "+8613800138000"),
        ("P-Asserted-Identity: <sip:+8613800138000;npdi@ims.test>\r\n", "+8613800138000"),
        ("P-Asserted-Identity: <sip:ims.test>\r\nP-Asserted-Identity: tel:+8610\r\n", "+8610"),
        ("P-Asserted-Identity: <<broken\r\n", "101"),
        ("P-Asserted-Identity: <sip:" + "9" * 200 + "@x>\r\n", "101"),
        ("P-Preferred-Identity: <sip:999@ims.test>\r\n", "101"),
        ("P-Asserted-Identity: <sip:+8613800138000@ims.test>\r\nPrivacy: none\r\n", "+8613800138000"),
        ("P-Asserted-Identity: <sip:+8613800138000@ims.test>\r\nPrivacy: id;critical\r\n", ANONYMOUS),
        ("P-Asserted-Identity: <sip:+8613800138000@ims.test>\r\nPrivacy: header, USER\r\n", ANONYMOUS),
    ],
)
def test_the_caller_as_a_trusted_carrier_asserts_him(lines: str, number: str) -> None:
    assert caller_of(request(headers=lines), TRUSTED).number == number
    assert caller_of(request(headers=lines), IdentityPolicy()).number == "101", "not believed of anybody else"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", ()),
        ("Diversion: <sip:4008001234@c.test>;reason=user-busy;counter=1\r\n", (Diversion("4008001234", "user-busy"),)),
        (
            "Diversion: <tel:+864001>;reason=no-answer\r\n"
            "Diversion: <sip:4002@c>;reason=Unconditional;privacy=full\r\n",
            (Diversion("+864001", "no-answer"), Diversion(ANONYMOUS, "unconditional")),
        ),
        ('Diversion: "a, b" <sip:4001@c>;reason="made up", <sip:4002@c>\r\n', (Diversion("4001"), Diversion("4002"))),
        ("Diversion: <sip:4001@c>;privacy=off\r\n", (Diversion("4001"),)),
        ("Diversion: nonsense<\r\n", ()),
        (
            "History-Info: <sip:4001@c?Reason=SIP%3Bcause%3D302>;index=1, "
            "<sip:4002@c?Reason=SIP%3B%20cause%3D486%3Btext%3D%22Busy%22>;index=1.1;mp=1, "
            "<sip:4003@c>;index=1.1.1;mp=1.1\r\n",
            (Diversion("4002", "user-busy"), Diversion("4001", "unconditional")),
        ),
        (
            "History-Info: <sip:4002@c;cause=408>;index=1.1\r\nHistory-Info: <sip:4001@c>;index=1\r\n",
            (Diversion("4001", "no-answer"),),
        ),
        (
            "History-Info: <sip:4001@c?Privacy=history&Reason=SIP%3Bcause%3D302>;index=1,<sip:4002@c>;index=1.1\r\n",
            (Diversion(ANONYMOUS, "unconditional"),),
        ),
        ("History-Info: <sip:4001@a>;index=1,<sip:4001@10.0.0.1>;index=1.1;rc=1\r\n", ()),  # only routed on
        ("History-Info: <sip:4001@a>;index=1.x,<sip:4002@b>;index=2\r\n", ()),
        ("History-Info: <sip:4001@a>;index=1,<sip:4002@b;cause=999999>;index=1.1\r\n", (Diversion("4001"),)),
        ("Diversion: <sip:4001@c>;reason=away\r\nPrivacy: history\r\n", (Diversion(ANONYMOUS, "away"),)),
        ("Diversion: <sip:4001@c>;reason=away\r\nHistory-Info: <sip:9@c>;index=1\r\n", (Diversion("4001", "away"),)),
    ],
)
def test_whom_a_call_was_sent_on_from(lines: str, expected: tuple[Diversion, ...]) -> None:
    message = request(headers=lines)
    assert diversions_of(message) == expected
    assert caller_of(message, TRUSTED).diversions == expected
    assert caller_of(message, IdentityPolicy()).diversions == ()


def test_chains_of_diversions_are_cut() -> None:
    lines = "".join(f"Diversion: <sip:{number}@c>\r\n" for number in range(50))
    assert len(diversions_of(request(headers=lines))) == MAX_DIVERSIONS
    assert diversions_of(request(headers=f"History-Info: <sip:1@c>;index={'1.' * 400}1\r\n")) == ()


@pytest.mark.parametrize("uri", ["sip:%00@x", "sip:1%0d%0aVia%3a@x", "urn:service:sos", "sip:x"])
def test_what_is_no_number(uri: str) -> None:
    assert user_of(parse_uri(uri)) == ""


def told(policy: IdentityPolicy, came: CameBy | None = None, *, hidden: bool = False) -> dict[str, str]:
    made = introduce(policy, "4008001234", "line", "192.0.2.1", TO, came, hidden=hidden)
    return {"From": str(made.from_)} | dict(made.headers)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (IdentityPolicy(), {"From": "<sip:4008001234@192.0.2.1>"}),
        (IdentityPolicy(domain="carrier.test"), {"From": "<sip:4008001234@carrier.test>"}),
        (IdentityPolicy(domain="2001:db8::1"), {"From": "<sip:4008001234@[2001:db8::1]>"}),
        (
            IdentityPolicy(Shown.ASSERTED, by_account=True),
            {"From": "<sip:line@192.0.2.1>", "P-Asserted-Identity": "<sip:4008001234@192.0.2.1>"},
        ),
        (
            IdentityPolicy(Shown.PREFERRED, private=True),
            {
                "From": '"Anonymous" <sip:anonymous@anonymous.invalid>',
                "P-Preferred-Identity": "<sip:4008001234@192.0.2.1>",
                "Privacy": "id",
            },
        ),
        (
            IdentityPolicy(private=True),
            {"From": '"Anonymous" <sip:anonymous@anonymous.invalid>', "Privacy": "id"},
        ),
    ],
)
def test_how_a_call_is_introduced(policy: IdentityPolicy, expected: dict[str, str]) -> None:
    assert told(policy) == expected


def test_one_call_may_be_anonymous_by_itself() -> None:
    assert told(IdentityPolicy(Shown.ASSERTED), hidden=True) == {
        "From": '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "P-Asserted-Identity": "<sip:4008001234@192.0.2.1>",
        "Privacy": "id",
    }


def test_a_call_that_was_sent_on_says_from_where_if_the_carrier_is_to_know() -> None:
    came = CameBy("4008001234", (Diversion("02161234567", "no-answer"), Diversion(ANONYMOUS)))
    assert "Diversion" not in told(IdentityPolicy(), came)
    both = introduce(IdentityPolicy(forwarding=Forwarding.BOTH), "1", "", "192.0.2.1", TO, came)
    assert [value for name, value in both.headers if name == "Diversion"] == [
        "<sip:4008001234@192.0.2.1>;reason=deflection;counter=1",
        "<sip:02161234567@192.0.2.1>;reason=no-answer;counter=1",
    ]
    assert [value for name, value in both.headers if name == "History-Info"] == [
        "<sip:02161234567@192.0.2.1?Reason=SIP%3Bcause%3D408>;index=1, "
        "<sip:4008001234@192.0.2.1;cause=408?Reason=SIP%3Bcause%3D480>;index=1.1;mp=1, "
        "<sip:13900139000@carrier.test;cause=480>;index=1.1.1;mp=1.1"
    ]
    only = introduce(IdentityPolicy(forwarding=Forwarding.HISTORY), "1", "", "192.0.2.1", TO, came)
    assert [name for name, _ in only.headers] == ["History-Info"]


def test_what_we_write_we_can_read() -> None:
    chain = (Diversion("4002", "user-busy"), Diversion("4001", "unconditional"), Diversion("4000", "no-answer"))
    for lines in (diversion_lines(chain, "192.0.2.1"), history_line(chain, TO, "192.0.2.1")):
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        assert diversions_of(request(headers=text)) == chain


def test_nothing_is_written_of_numbers_that_are_not_to_be_known() -> None:
    hidden = (Diversion(ANONYMOUS), Diversion(ANONYMOUS))
    assert diversion_lines(hidden, "192.0.2.1") == history_line(hidden, TO, "192.0.2.1") == []


def test_a_number_cannot_smuggle_in_a_header() -> None:
    evil = introduce(IdentityPolicy(Shown.ASSERTED), "400\r\nVia: x", "", "192.0.2.1", TO)
    assert dict(evil.headers)["P-Asserted-Identity"] == "<sip:400%0D%0AVia:%20x@192.0.2.1>".replace(":%20", "%3A%20")
    with pytest.raises(LocalProtocolError):
        Headers([("P-Asserted-Identity", "a\r\nb")])


def test_views_of_nothing() -> None:
    assert asserted_identity(Headers()) is None and not is_private(Headers())
    assert Hop("UDP", "192.0.2.1", 5060).name == ""
