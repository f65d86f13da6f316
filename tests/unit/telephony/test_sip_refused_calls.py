"""Refusals of our INVITE: one that it may survive (420), and challenges that we cannot meet."""

import logging
from itertools import count

import pytest

from telephony.sip.credentials import Credentials
from telephony.sip.digest import described
from telephony.sip.events import Refused
from telephony.sip.message import Request
from telephony.sip.replies import reply_to
from tests.scenario.sip_network import Network, Party


def begun(credentials: Credentials | None = None) -> tuple[Network, Party, Party, str]:
    """A call of ours to somebody whose every word the test says."""
    network = Network()
    caller, line = network.party("caller", "10.0.0.1"), network.party("line", "10.0.0.2")
    network.drop = lambda message, to: True
    return network, caller, line, caller.call(line, credentials=credentials)


def say(network: Network, caller: Party, line: Party, status: int, *headers: tuple[str, str], sdp: bytes = b"") -> None:
    """``line`` answers what was asked last."""
    asked = [message for message, _, _ in network.wire if isinstance(message, Request) and message.method != "ACK"]
    network.inject(reply_to(asked[-1], status, "far", "", headers, sdp).to_bytes(), caller, line.hop)


CONTACT = ("Contact", "<sip:line@10.0.0.2>")
NO_TIMER = ("Unsupported", "Timer, 100rel")


def test_a_420_gets_the_call_once_more_without_what_is_refused() -> None:
    network, caller, line, _ = begun()
    say(network, caller, line, 420, NO_TIMER)
    first, second = network.sent("INVITE")
    assert {"timer", "100rel"} < first.options("Supported")
    assert second.options("Supported") == first.options("Supported") - {"timer", "100rel"}
    assert "Session-Expires" not in second.headers and "Min-SE" not in second.headers
    assert (second.cseq.number, second.call_id, second.body) == (2, first.call_id, first.body)
    assert second.from_.tag == first.from_.tag and len(second.vias) == 1
    assert not caller.events
    say(network, caller, line, 420, ("Unsupported", "replaces"))
    assert len(network.sent("INVITE")) == 2, "once"
    (refused,) = caller.events
    assert isinstance(refused, Refused)
    assert refused.status == 420


@pytest.mark.parametrize("headers", [(), (("Unsupported", "outbound"),), (("Unsupported", "a,,b"),)])
def test_a_420_for_what_we_have_not_said_is_a_refusal(headers: tuple[tuple[str, str], ...]) -> None:
    network, caller, line, _ = begun()
    say(network, caller, line, 420, *headers)
    assert len(network.sent("INVITE")) == 1
    assert caller.kinds() == ["Refused"]


def test_a_call_without_timers_hears_no_more_of_them_and_lives_on() -> None:
    network, caller, line, session = begun()
    say(network, caller, line, 420, NO_TIMER)
    say(network, caller, line, 200, CONTACT, ("Allow", "INVITE"), sdp=b"v=0 answer")
    assert caller.kinds() == ["Answered"]
    network.run(10_000)
    assert caller.kinds() == ["Answered"], "no refresh is wanted, and nothing ends"
    caller.do(lambda endpoint, now: endpoint.reoffer(session, now, b"v=0 again"))
    again = network.sent("INVITE")[-1]
    assert again.to.tag == "far"
    assert again.options("Supported") == {"norefersub", "replaces"}
    assert "Session-Expires" not in again.headers


_nonces = count()


def challenge(algorithm: str, realm: str = "ims.carrier.test") -> tuple[str, str]:
    named = f'Digest realm="{realm}", nonce="n{next(_nonces)}", qop="auth", algorithm={algorithm}'
    return "Proxy-Authenticate", named


def test_a_challenge_that_we_cannot_meet_is_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    network, caller, line, _ = begun(Credentials("400", "secret"))
    with caplog.at_level(logging.WARNING, "line400.sip"):
        for _ in range(2):
            say(network, caller, line, 407, challenge("SHA-512-256"), challenge("MD5-sess"))
            caller.call(line, credentials=Credentials("400", "secret"))
        assert caller.kinds() == ["Refused", "Refused"]
        (record,) = caplog.records
        for word in ("407", "10.0.0.2", "ims.carrier.test", "SHA-512-256", "MD5-SESS"):
            assert word in record.getMessage()
        assert "secret" not in record.getMessage()
        say(network, caller, line, 407, challenge("SHA-512-256", "another.test"))
        assert len(caplog.records) == 2
    assert "Proxy-Authorization" not in network.sent("INVITE")[-1].headers


def test_who_has_no_password_has_nothing_to_complain_of(caplog: pytest.LogCaptureFixture) -> None:
    network, caller, line, _ = begun()
    say(network, caller, line, 407, challenge("SHA-512-256"))
    assert caller.kinds() == ["Refused"]
    assert not caplog.records


def test_challenges_in_words() -> None:
    assert described([]) == "nothing"
    assert described(["Basic realm=x", ""]) == "scheme 'Basic'; scheme ''"
    asked = 'Digest realm="a\r\nb", nonce="n", qop="auth-int"'
    assert "\n" not in described([asked])
    assert described(['Digest realm="a", nonce="n", qop="auth-int"']) == "realm 'a', algorithm 'MD5', qop 'auth-int'"
    assert described(['Digest realm="a", nonce="n"'] * 9).count("realm") == 4
