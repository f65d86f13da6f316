"""Who guesses passwords or names, or has heard a proof go by, learns nothing and waits longer and longer."""

import re
from collections.abc import Callable

import pytest

from telephony.defence import DefenceSettings
from telephony.doorkeeper import Admitted
from telephony.security_facts import SourceLockedOut, WrongPasswords
from telephony.sip import digest_server as digest_module
from telephony.sip.digest import Authorization, digest_response
from telephony.sip.hop import Hop
from tests.unit.telephony.security_bench import (
    DIALLED,
    PASSWORDS,
    PHONE,
    REGISTRAR,
    STRANGER,
    House,
    Sent,
    proof,
    wire,
)

_VARIES = re.compile(rb'nonce="[^"]*"|tag=\w+|branch=\w+|Call-ID: \w+')


def same(answers: list[Sent]) -> bytes:
    """The one answer without what differs from request to request."""
    (answer,) = [sent for sent in answers if sent.status != 100]
    return _VARIES.sub(b"", answer.data)


def guess(house: House, method: str, user: str, password: str, source: Hop = STRANGER) -> list[Sent]:
    uri = REGISTRAR if method == "REGISTER" else DIALLED
    line = proof(house.challenged(method, source), method, uri, user, password)
    return house.give(wire(method, uri, line, user="101"), source)


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_security_an_unknown_user_gets_the_very_answer_of_a_wrong_password(method: str) -> None:
    house = House()
    known = guess(house, method, "101", "guessed")
    unknown = guess(house, method, "999", "guessed")
    assert same(known) == same(unknown)
    assert known[-1].status == 401
    assert b"stale" not in known[-1].data


def test_security_options_tell_nothing_of_who_is_there() -> None:
    house = House()
    answers = [house.give(wire("OPTIONS", f"sip:{user}@192.0.2.1")) for user in ("101", "999")]
    assert same(answers[0]) == same(answers[1])


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
def test_security_the_same_work_is_done_for_an_unknown_user(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is what work takes: the hash is made as often for a name that does not exist."""
    house = House()
    real: Callable[[Authorization, str, str], str] = digest_response
    hashed: list[str] = []

    def counting(claim: Authorization, asked: str, password: str) -> str:
        hashed.append(claim.user)
        return real(claim, asked, password)

    for user in ("101", "999"):
        uri = REGISTRAR if method == "REGISTER" else DIALLED
        line = proof(house.challenged(method), method, uri, user, "guessed")
        with monkeypatch.context() as patch:
            patch.setattr(digest_module, "digest_response", counting)
            house.give(wire(method, uri, line))
    assert hashed == ["101", "999"]


def test_security_a_nonce_is_good_only_for_whom_it_was_made() -> None:
    house = House()
    challenge = house.challenged(source=PHONE)
    (answer,) = house.register("101", PASSWORDS["101"], STRANGER, challenge)
    assert answer.status == 401
    assert "stale=true" in answer.header("WWW-Authenticate")
    assert house.registrar.contacts("101", house.now) == []
    (answer,) = house.register("101", PASSWORDS["101"], PHONE, challenge)
    assert answer.status == 200


@pytest.mark.parametrize(
    ("bits", "asks", "proves", "status"),
    [
        (32, "198.51.100.4", "198.51.100.5", 401),
        (24, "198.51.100.4", "198.51.100.200", 200),  # a NAT of several addresses
        (24, "198.51.100.4", "198.51.101.4", 401),
        (24, "2001:db8::1", "2001:db8::2", 200),
        (24, "2001:db8::1", "2001:db8:0:1::1", 401),
        (0, "198.51.100.4", "192.0.2.77", 200),
        (0, "2001:db8::1", "192.0.2.77", 200),
    ],
)
def test_security_a_nonce_may_be_bound_to_a_network(bits: int, asks: str, proves: str, status: int) -> None:
    house = House(DefenceSettings(nonce_bits=bits))
    challenge = house.challenged(source=Hop("UDP", asks, 6000))
    (answer,) = house.register("101", PASSWORDS["101"], Hop("UDP", proves, 6000), challenge)
    assert answer.status == status
    if status == 401:
        assert "stale=true" in answer.header("WWW-Authenticate"), (
            "he is asked once more, and nothing is held against him"
        )
        assert house.facts == [], "and nothing is held against him"


def test_security_a_nonce_runs_out() -> None:
    house = House()
    challenge = house.challenged()
    house.rest(301)
    (answer,) = house.register("101", PASSWORDS["101"], challenge=challenge)
    assert (answer.status, "stale=true" in answer.header("WWW-Authenticate")) == (401, True)


def test_security_under_a_nonce_that_is_not_ours_nothing_can_be_guessed() -> None:
    """Right or wrong, the answer is the same, so that no guess is free of the pauses."""
    house = House()
    forged = 'Digest realm="line400", nonce="MDAwMDAw", qop="auth"'
    right, wrong = (house.register("101", password, challenge=forged) for password in (PASSWORDS["101"], "guessed"))
    assert same(right) == same(wrong)
    assert "stale=true" in right[0].header("WWW-Authenticate")


def test_security_nobody_is_locked_out_in_anothers_name() -> None:
    """Wrong proofs with a borrowed address, which cannot have seen a nonce, are not held against that address."""
    house = House()
    for _ in range(50):
        house.register("101", "guessed", PHONE, 'Digest realm="line400", nonce="MDAwMDAw", qop="auth"')
        house.rest(1)
    assert house.register("101", PASSWORDS["101"], PHONE)[0].status == 200
    assert house.facts == []


@pytest.mark.parametrize("nc", [1, 2])
def test_security_a_proof_that_went_by_is_worth_nothing(nc: int) -> None:
    house = House()
    line = proof(house.challenged("INVITE"), "INVITE", DIALLED, "101", PASSWORDS["101"], nc)
    house.give(wire("INVITE", DIALLED, line))
    assert house.admitted == [Admitted("101", "4008001234", agent="101")]
    again = house.give(wire("INVITE", DIALLED, line))
    other = house.give(wire("INVITE", "sip:008190012345@192.0.2.1", line))
    assert [sent.status for sent in (*again, *other) if sent.status != 100] == [401, 401]
    assert len(house.admitted) == 1


def test_security_guessing_takes_longer_and_longer_and_is_in_the_log() -> None:
    house = House()
    checked = 0
    for _ in range(24 * 60):  # a day, a guess a minute
        before = house.defence._users.count((STRANGER.host, "101"))
        guess(house, "REGISTER", "101", "guessed")
        checked += house.defence._users.count((STRANGER.host, "101")) > before
        house.rest(60)
    assert checked <= 40, "of 1,440 guesses"
    locked = house.named(SourceLockedOut)
    assert locked
    assert isinstance(locked[-1], SourceLockedOut)
    assert (locked[-1].source, locked[-1].lasts_s) == (STRANGER.host, 3600.0)
    assert len(house.named(WrongPasswords)) == checked
    assert not any("101" in repr(fact) for fact in house.facts), "no names in it"


def test_security_in_a_pause_a_right_password_gets_the_answer_of_a_wrong_one() -> None:
    house = House()
    for _ in range(6):
        wrong = guess(house, "REGISTER", "101", "guessed")
    house.rest(0.5)
    right = guess(house, "REGISTER", "101", PASSWORDS["101"])
    assert same(right) == same(wrong)
    house.rest(1.0)
    assert guess(house, "REGISTER", "101", PASSWORDS["101"])[0].status == 200


def test_security_whoever_tries_many_names_is_silenced_as_a_whole() -> None:
    house = House()
    answers = [guess(house, "REGISTER", f"{number}", "guessed") for number in range(200, 221)]
    assert all(len(answer) == 1 for answer in answers)
    assert house.give(wire("REGISTER", REGISTRAR)) == []
    assert house.give(wire("OPTIONS")) == []
    assert len(house.give(wire("OPTIONS"), PHONE)) == 1, "others are not held to account"
    fact = house.named(SourceLockedOut)[0]
    assert isinstance(fact, SourceLockedOut)
    assert fact.whole


def test_security_phones_with_a_wrong_password_keep_nobody_else_out() -> None:
    """Two of them, in an office behind one address."""
    house = House()
    neighbour = Hop("UDP", PHONE.host, 7000)
    while house.defence._users.count((PHONE.host, "103")) < 16:
        house.rest(30)
        guess(house, "REGISTER", "101", "mistyped", neighbour)
        guess(house, "REGISTER", "103", "mistyped", neighbour)
    assert house.register("102", PASSWORDS["102"], PHONE)[0].status == 200


def test_security_a_registered_address_may_not_guess_at_will() -> None:
    house = House()
    assert house.register("101", PASSWORDS["101"], PHONE)[0].status == 200
    for number in range(200, 240):
        guess(house, "REGISTER", f"{number}", "guessed", PHONE)
    assert guess(house, "REGISTER", "102", PASSWORDS["102"], PHONE)[0].status == 401, "not looked at"
    assert house.register("101", PASSWORDS["101"], PHONE)[0].status == 200, "but his own phone goes on"


def test_security_one_account_does_not_pay_for_guesses_at_others() -> None:
    house = House()
    for _ in range(8):
        guess(house, "REGISTER", "102", "guessed")
        house.register("101", PASSWORDS["101"], STRANGER)
    assert house.defence._users.count((STRANGER.host, "102")) < 8
    assert guess(house, "REGISTER", "102", PASSWORDS["102"])[0].status == 401


def test_security_whoever_mistypes_his_password_starts_anew_when_it_is_right() -> None:
    house = House()
    for _ in range(4):
        guess(house, "REGISTER", "101", "mistyped")
    assert house.register("101", PASSWORDS["101"])[0].status == 200
    assert house.defence._users.count((STRANGER.host, "101")) == 0
    assert house.defence._sources.count(STRANGER.host) == 0
