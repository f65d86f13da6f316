"""REFER and Replaces: the grammar, the subscription that follows a REFER, and INVITEs that replace a call."""

import pytest

from core.errors import LegEnded, ParseError
from telephony.sip.events import HungUp, Invited, Referred, Replaced
from telephony.sip.hop import UDP, Hop
from telephony.sip.message import Request, Response
from telephony.sip.parser import parse_message
from telephony.sip.refer import Replaces, fragment, parse_replaces, refer_to_of, replaces_of, wants_no_subscription
from telephony.sip.referrals import MAX_REFERRALS
from telephony.sip.replies import reply_to
from tests.unit.telephony.doubles import request
from tests.unit.telephony.test_sip_endpoint import Bench, raw

OTHER = Hop(UDP, "10.0.0.8", 5060)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("98732@host;from-tag=r33th4x0r;to-tag=ff87ff", Replaces("98732@host", "ff87ff", "r33th4x0r")),
        ("a;to-tag=1;from-tag=2;early-only", Replaces("a", "1", "2", early_only=True)),
        (" a ; To-Tag=1 ; from-tag=0 ; more=x", Replaces("a", "1", "0")),
    ],
)
def test_replaces(text: str, expected: Replaces) -> None:
    assert parse_replaces(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "a", ";to-tag=1;from-tag=2", "a;to-tag=1", "a;to-tag=1;to-tag=2;from-tag=3", "a;to-tag;from-tag=2",
        "a b;to-tag=1;from-tag=2",
    ],
)  # fmt: skip
def test_replaces_that_names_no_dialog(text: str) -> None:
    with pytest.raises(ParseError):
        parse_replaces(text)


def _refer(headers: str) -> Request:
    return request("REFER", headers=headers)


@pytest.mark.parametrize("name", ["Refer-To", "r"])
def test_refer_to(name: str) -> None:
    target = refer_to_of(_refer(f"{name}: <sip:102@192.0.2.1;method=INVITE?Subject=x>\r\n"))
    assert (target.uri.user, str(target.uri), target.replaces) == ("102", "sip:102@192.0.2.1", None)


def test_refer_to_with_the_call_that_is_replaced() -> None:
    target = refer_to_of(_refer("Refer-To: <sip:102@h?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n"))
    assert target.replaces == Replaces("a@b", "1", "2")


@pytest.mark.parametrize(
    "headers",
    [
        "",
        "Refer-To: <sip:102@h>\r\nRefer-To: <sip:103@h>\r\n",
        "Refer-To: <sip:102@h;method=BYE>\r\n",
        "Refer-To: <sip:102@h?Replaces=a>\r\n",
        "Refer-To: <sip:102@h?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&Replaces=b%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n",
        "Refer-To: <<\r\n",
    ],
)
def test_refer_to_that_asks_for_nothing_we_do(headers: str) -> None:
    with pytest.raises(ParseError):
        refer_to_of(_refer(headers))


def test_refer_to_a_telephone_number() -> None:
    assert refer_to_of(_refer("Refer-To: <tel:+8613800138000>\r\n")).uri.user == "+8613800138000"


def test_two_replaces_are_an_error_and_none_is_none() -> None:
    assert replaces_of(request()) is None
    with pytest.raises(ParseError):
        replaces_of(request(headers="Replaces: a;to-tag=1;from-tag=2\r\nReplaces: b;to-tag=1;from-tag=2\r\n"))


def test_who_wants_to_hear_nothing() -> None:
    assert wants_no_subscription(_refer("Refer-Sub: false\r\n"))
    assert not wants_no_subscription(_refer("Refer-Sub: true\r\n"))
    assert not wants_no_subscription(_refer(""))


def test_the_fragment_is_a_status_line() -> None:
    assert fragment(200) == b"SIP/2.0 200 OK\r\n"
    assert fragment(699) == b"SIP/2.0 699 Unknown\r\n"


# Over the wire


class Phone(Bench):
    """A peer of bare bytes in a call that we have answered."""

    def __init__(self) -> None:
        super().__init__()
        self.give(raw())
        (invited,) = self.line.seen(Invited)
        assert isinstance(invited, Invited)
        self.session = invited.session
        self.line.do(lambda endpoint, now: endpoint.accept(self.session, now, b"v=0 answer"))
        self.tag = self.last.to.tag or ""
        self.give(raw("ACK", branch="z9hG4bKa1", to_tag=self.tag))
        self._count = 1

    def asks(self, method: str, *extra: tuple[str, str]) -> list[int]:
        """A request of the phone's within the dialog; the statuses of what comes back at once."""
        self._count += 1
        return self.give(raw(method, branch=f"z9hG4bKr{self._count}", to_tag=self.tag, cseq=self._count, extra=extra))

    def refers(self, to: str = "<sip:102@10.0.0.2>", *extra: tuple[str, str]) -> str:
        """A REFER; the key of the event that it makes."""
        assert self.asks("REFER", ("Refer-To", to), *extra) == []
        referred = self.line.seen(Referred)[-1]
        assert isinstance(referred, Referred)
        return referred.key

    def told(self) -> list[tuple[str, str, bytes]]:
        """Event, Subscription-State and body of each NOTIFY, repeats left out."""
        seen: dict[int, Request] = {item.cseq.number: item for item in self.network.sent("NOTIFY")}
        return [
            (item.headers.get("Event") or "", item.headers.get("Subscription-State") or "", item.body)
            for item in seen.values()
        ]

    def answers_notify(self, status: int = 200) -> None:
        """The phone answers the newest NOTIFY."""
        notify = self.network.sent("NOTIFY")[-1]
        self.give(reply_to(notify, status, "x").to_bytes())

    def reports(self, key: str, status: int) -> None:
        self.line.do(lambda endpoint, now: endpoint.report_referral(self.session, now, key, status))

    def accepts(self, key: str) -> None:
        self.line.do(lambda endpoint, now: endpoint.accept_referral(self.session, now, key))


def test_a_referral_is_accepted_and_told_to_its_outcome() -> None:
    phone = Phone()
    key = phone.refers()
    phone.accepts(key)
    statuses = phone.network.statuses("REFER")
    assert statuses == [202]
    phone.answers_notify()
    phone.reports(key, 180)
    phone.reports(key, 200)  # while that NOTIFY is out
    assert len(phone.told()) == 2
    phone.answers_notify()
    phone.answers_notify()
    phone.reports(key, 200)  # told once
    assert phone.told() == [
        ("refer;id=2", "active;expires=180", b"SIP/2.0 100 Trying\r\n"),
        ("refer;id=2", "active;expires=180", b"SIP/2.0 180 Ringing\r\n"),
        ("refer;id=2", "terminated;reason=noresource", b"SIP/2.0 200 OK\r\n"),
    ]
    assert phone.network.sent("NOTIFY")[0].headers.get("Content-Type") == "message/sipfrag;version=2.0"
    assert phone.asks("BYE") == [200]


def test_a_referral_is_refused() -> None:
    phone = Phone()
    key = phone.refers()
    phone.line.do(lambda endpoint, now: endpoint.refuse_referral(phone.session, now, key, 603))
    assert phone.network.statuses("REFER") == [603]
    phone.reports(key, 200)
    phone.network.run(60)
    assert phone.told() == []


def test_without_a_subscription_nothing_is_told() -> None:
    phone = Phone()
    key = phone.refers("<sip:102@10.0.0.2>", ("Refer-Sub", "false"), ("Supported", "norefersub"))
    phone.accepts(key)
    assert phone.last.headers.get("Refer-Sub") == "false"
    phone.reports(key, 200)
    assert phone.told() == []


def test_nobody_decides() -> None:
    phone = Phone()
    phone.refers()
    phone.network.run(25)
    assert phone.network.statuses("REFER") == [480]


@pytest.mark.parametrize("status", [481, 489])
def test_who_does_not_know_the_subscription_is_told_no_more(status: int) -> None:
    phone = Phone()
    key = phone.refers()
    phone.accepts(key)
    phone.answers_notify(status)
    phone.reports(key, 200)
    assert len(phone.told()) == 1
    assert phone.line.seen(HungUp) == [], "the call goes on"


def test_who_does_not_answer_a_notify_keeps_his_call() -> None:
    phone = Phone()
    phone.accepts(phone.refers())
    phone.network.run(40)
    assert phone.line.seen(HungUp) == []
    assert phone.asks("OPTIONS") == [200]


def test_referrals_are_bounded_and_the_end_of_the_call_ends_them() -> None:
    phone = Phone()
    for _ in range(MAX_REFERRALS):
        key = phone.refers()
    assert phone.asks("REFER", ("Refer-To", "<sip:102@10.0.0.2>")) == [503]
    assert phone.last.headers.get_all("Retry-After") == ["5"]
    assert phone.asks("BYE") == [200] + [481] * MAX_REFERRALS
    with pytest.raises(LegEnded):
        phone.reports(key, 200)
    phone.network.run(200)
    assert len(phone.line.endpoint._agent.timers) == 0


@pytest.mark.parametrize("extra", [(), (("Refer-To", "<<"),), (("Refer-To", "<sip:1@h;method=MESSAGE>"),)])
def test_a_refer_that_cannot_be_read(extra: tuple[tuple[str, str], ...]) -> None:
    assert Phone().asks("REFER", *extra) == [400]


@pytest.mark.parametrize("uri", ["http://example.com/102", "urn:service:sos", "mailto:a@example.com"])
def test_a_refer_to_what_is_no_telephone_is_told_that_of_the_scheme(uri: str) -> None:
    phone = Phone()
    assert phone.asks("REFER", ("Refer-To", f"<{uri}>")) == [416]
    assert phone.line.seen(Referred) == []
    phone.refers("<tel:+862112345678>")


def test_a_refer_before_the_answer_and_without_a_call() -> None:
    bench = Bench()
    bench.give(raw())
    bench.line.do(lambda endpoint, now: endpoint.progress(bench.line.events[0].session, now))  # type: ignore[union-attr]
    tag = bench.last.to.tag or ""
    to = ("Refer-To", "<sip:102@10.0.0.2>")
    assert bench.give(raw("REFER", branch="z9hG4bKr", to_tag=tag, cseq=2, extra=(to,))) == [403]
    assert bench.give(raw("REFER", branch="z9hG4bKs", call_id="other", extra=(to,))) == [403]


@pytest.mark.parametrize("within", [True, False])
def test_a_text_message_is_refused_with_what_is_allowed(within: bool) -> None:
    phone = Phone()
    text = (("Content-Type", "text/plain"),)
    if within:
        assert phone.asks("MESSAGE", *text) == [405]
    else:
        assert phone.give(raw("MESSAGE", branch="z9hG4bKm", call_id="m", extra=text, body=b"hi")) == [405]
    allowed = (phone.last.headers.get("Allow") or "").split(", ")
    assert "REFER" in allowed and "MESSAGE" not in allowed


def _replacing(phone: Phone, text: str, **named: str) -> Invited:
    data = raw(
        branch="z9hG4bKn", call_id="new", extra=(("Replaces", text), ("Require", "replaces")), via="10.0.0.8:5060"
    )
    phone.give(data, OTHER)
    invited = phone.line.seen(Invited)[-1]
    assert isinstance(invited, Invited) and invited.replaces is not None
    return invited


def test_an_invite_that_replaces_a_call_names_it() -> None:
    phone = Phone()
    invited = _replacing(phone, f"call-1;to-tag={phone.tag};from-tag=theirs")
    assert invited.replaces is not None
    assert (invited.replaces.session, invited.replaces.status) == (phone.session, 0)


@pytest.mark.parametrize(
    ("change", "status"), [("early", 486), ("unknown", 481), ("turned", 481), ("hung up", 603), ("over", 481)]
)
def test_an_invite_that_replaces_what_it_may_not(change: str, status: int) -> None:
    phone = Phone()
    text = f"call-1;to-tag={phone.tag};from-tag=theirs"
    if change == "early":
        text += ";early-only"
    elif change == "unknown":
        text = "call-1;to-tag=x;from-tag=theirs"
    elif change == "turned":
        text = f"call-1;to-tag=theirs;from-tag={phone.tag}"
    elif change == "hung up":
        phone.line.do(lambda endpoint, now: endpoint.hang_up(phone.session, now))
    else:
        phone.asks("BYE")
    invited = _replacing(phone, text)
    assert invited.replaces is not None
    assert (invited.replaces.session, invited.replaces.status) == ("", status)


@pytest.mark.parametrize("early_only", [False, True])
def test_an_invite_that_replaces_a_call_of_ours_that_rings_names_it(early_only: bool) -> None:
    """RFC 3891 §3: one that they began, and that we have not answered, meets 481."""
    bench = Bench()
    callee = bench.network.party("callee", "10.0.0.5")
    session = bench.line.call(callee)
    theirs = bench.network.sent("INVITE")[0]

    def asked(call_id: str, tags: tuple[str, str], branch: str) -> Replaced:
        text = f"{call_id};to-tag={tags[0]};from-tag={tags[1]}" + (";early-only" if early_only else "")
        bench.give(raw(branch=branch, call_id=branch, extra=(("Replaces", text),)))
        invited = bench.line.seen(Invited)[-1]
        assert isinstance(invited, Invited) and invited.replaces is not None
        return invited.replaces

    assert asked(theirs.call_id, (theirs.from_.tag or "", "x"), "z9hG4bK0") == Replaced("", 481), "nothing rings yet"
    bench.network.run(0.1)
    callee.do(lambda endpoint, now: endpoint.progress(callee.events[0].session, now))  # type: ignore[union-attr]
    bench.network.run(0.1)
    ring = next(one for one, _, _ in bench.network.wire if isinstance(one, Response) and one.status == 180)
    tags = (theirs.from_.tag or "", ring.to.tag or "")
    assert asked(theirs.call_id, tags, "z9hG4bK1") == Replaced(session, 0, early_only)
    assert bench.line.endpoint.session_of(Replaces(theirs.call_id, *tags)) == "", "nobody is passed on who only rings"
    bench.give(raw(branch="z9hG4bK2", call_id="incoming"))
    incoming = bench.line.seen(Invited)[-1]
    assert isinstance(incoming, Invited)
    bench.line.do(lambda endpoint, now: endpoint.progress(incoming.session, now))
    assert asked("incoming", (bench.last.to.tag or "", "theirs"), "z9hG4bK3") == Replaced("", 481)
    bench.line.do(lambda endpoint, now: endpoint.hang_up(session, now))
    assert asked(theirs.call_id, tags, "z9hG4bK4") == Replaced("", 603), "it is being taken back"
    bench.network.run(5)
    assert asked(theirs.call_id, tags, "z9hG4bK5") == Replaced("", 481)


def test_an_unreadable_replaces_is_refused() -> None:
    bench = Bench()
    assert bench.give(raw(extra=(("Replaces", "a;to-tag=1"),))) == [400]


def test_the_session_of_a_refer_to_is_found_with_the_tags_either_way() -> None:
    phone = Phone()
    find = phone.line.endpoint.session_of
    assert find(Replaces("call-1", phone.tag, "theirs")) == phone.session
    assert find(Replaces("call-1", "theirs", phone.tag)) == phone.session
    assert find(Replaces("call-1", "x", "theirs")) == ""


def test_an_answer_says_that_replaces_is_known() -> None:
    phone = Phone()
    answer = next(
        message for message, _, _ in phone.network.wire if isinstance(message, Response) and message.status == 200
    )
    assert "replaces" in (answer.headers.get("Supported") or "")
    assert "REFER" in (answer.headers.get("Allow") or "")
    assert isinstance(parse_message(answer.to_bytes()), Response)
