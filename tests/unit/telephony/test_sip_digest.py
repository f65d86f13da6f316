from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from telephony.sip.digest import (
    Authorization,
    Challenge,
    authorize,
    choose_challenge,
    digest_response,
    parse_authorization,
    parse_challenge,
)
from telephony.sip.digest_server import DigestServer, Leniency, Verdict
from telephony.sip.replay import UsedProofs
from telephony.sip.uri import parse_uri

RFC7616 = Authorization(
    "Mufasa",
    "http-auth@example.org",
    "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "/dir/index.html",
    "",
    "MD5",
    "auth",
    "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    "00000001",
)
SECRET = b"0123456789abcdef"
PBX, X = parse_uri("sip:pbx"), parse_uri("sip:x")
PASSWORDS = {"8001": "s3cret", 'we "ird\\': "密码"}


def test_the_examples_of_rfc7616_3_9_1() -> None:
    assert digest_response(RFC7616, "GET", "Circle of Life") == "8ca523f5e9506fed4657c9700eebdbec"
    assert (
        digest_response(replace(RFC7616, algorithm="SHA-256"), "GET", "Circle of Life")
        == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    )


def test_the_legacy_example_of_rfc2069_as_corrected() -> None:
    claim = Authorization("Mufasa", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "/dir/index.html", "")
    assert digest_response(claim, "GET", "CircleOfLife") == "1949323746fe6a43ef61f9606e7febea"


@pytest.mark.parametrize("user", sorted(PASSWORDS))
def test_both_sides_agree(user: str) -> None:
    server = DigestServer("line400", SECRET)
    for text in (server.challenges(1000.0)[0], server.challenges(1000.0)[1]):
        value = authorize(parse_challenge(text), "REGISTER", "sip:pbx", user, PASSWORDS[user], cnonce="c", nc=2)
        assert server.user_of([value]) == user
        assert server.verify([value], "REGISTER", PBX, PASSWORDS.get, 1001.0) is Verdict.OK
        assert server.verify([value], "REGISTER", PBX, PASSWORDS.get, 1001.0) is Verdict.STALE
        assert server.verify([value], "INVITE", PBX, PASSWORDS.get, 1001.0) is Verdict.WRONG
        assert server.verify([value], "REGISTER", PBX, {user: "other"}.get, 1001.0) is Verdict.WRONG
        assert server.verify([value], "REGISTER", PBX, {}.get, 1001.0) is Verdict.UNKNOWN_USER
        assert server.verify([value], "REGISTER", PBX, PASSWORDS.get, 1301.0) is Verdict.STALE
        restarted = DigestServer("line400", b"another secret 16")
        assert restarted.verify([value], "REGISTER", PBX, PASSWORDS.get, 1001.0) is Verdict.STALE


def test_without_qop() -> None:
    server = DigestServer("r", SECRET)
    server.leniency = lambda user: Leniency(without_qop=True)
    challenge = Challenge("r", server.nonce(5.0), "MD5", (), "op")
    value = authorize(parse_challenge(str(challenge)), "INVITE", "sip:x", "8001", "s3cret", cnonce="unused")
    assert "cnonce" not in value
    assert parse_authorization(value).opaque == "op"
    assert server.verify([value], "INVITE", X, PASSWORDS.get, 5.0) is Verdict.OK
    assert server.verify([value], "INVITE", X, PASSWORDS.get, 5.0) is Verdict.STALE, "the nonce is used up"


def test_a_sniffed_proof_is_good_for_nothing() -> None:
    server = DigestServer("r", SECRET)
    challenge = parse_challenge(server.challenges(5.0)[0])

    def tried(nc: int, uri: str = "sip:1380@pbx", claimed: str = "sip:1380@pbx") -> Verdict:
        value = authorize(challenge, "INVITE", claimed, "8001", "s3cret", cnonce="c", nc=nc)
        return server.verify([value], "INVITE", parse_uri(uri), PASSWORDS.get, 6.0)

    assert tried(2, uri="sip:0900@pbx") is Verdict.WRONG, "another number with the same proof"
    assert [tried(nc) for nc in (2, 2, 1, 3, 0x10)] == [
        Verdict.OK,
        Verdict.STALE,
        Verdict.STALE,
        Verdict.OK,
        Verdict.OK,
    ]
    assert parse_challenge(server.challenges(5.0)[0]).nonce != challenge.nonce, "no two phones share a nonce"


@pytest.mark.parametrize(
    ("uri", "claimed", "verdict"),
    [
        ("sip:1@PBX", "sip:1@pbx:5060;transport=udp", Verdict.OK),
        ("tel:+8610", "tel:+8610", Verdict.OK),
        ("sips:1@pbx", "sip:1@pbx", Verdict.WRONG),
        ("sip:1@pbx", "sip:1@pbx:5070", Verdict.WRONG),
        ("sip:1@pbx", "sip:pbx", Verdict.WRONG),
        ("sip:1@pbx", "/", Verdict.WRONG),
    ],
)
def test_the_claim_names_the_request_uri(uri: str, claimed: str, verdict: Verdict) -> None:
    server = DigestServer("r", SECRET)
    challenge = parse_challenge(server.challenges(5.0)[0])
    value = authorize(challenge, "INVITE", claimed, "8001", "s3cret", cnonce="c")
    assert server.verify([value], "INVITE", parse_uri(uri), PASSWORDS.get, 6.0) is verdict


def test_a_nonce_spelt_otherwise_is_not_another_nonce() -> None:
    server = DigestServer("r", SECRET)
    nonce = server.nonce(5.0)
    for spelt in (nonce + "=", nonce[:4] + "!" + nonce[4:]):
        value = authorize(Challenge("r", spelt, qop=("auth",)), "INVITE", "sip:x", "8001", "s3cret", cnonce="c")
        assert server.verify([value], "INVITE", X, PASSWORDS.get, 6.0) is Verdict.STALE


def test_what_is_forgotten_cannot_be_used_again() -> None:
    used = UsedProofs(limit=3)
    for number in range(5):
        assert used.use(f"n{number}", 10.0 + number, "8001", 1, 0.0)
    assert len(used) == 3
    assert not any(used.use(f"n{number}", 10.0 + number, "8001", 9, 0.0) for number in range(2))
    assert used.use("n4", 14.0, "8001", 2, 0.0)
    assert used.use("n9", 20.0, "8001", 1, 14.0)
    assert len(used) == 2, "what is too old to be accepted need not be remembered"


def test_other_schemes_and_realms_count_as_absent() -> None:
    server = DigestServer("r", SECRET)
    elsewhere = authorize(Challenge("other", "n"), "INVITE", "sip:x", "8001", "s3cret", cnonce="c")
    assert server.verify(["Basic abc", elsewhere], "INVITE", X, PASSWORDS.get, 0.0) is Verdict.ABSENT
    assert server.user_of(["Basic abc"]) == ""


def test_the_strongest_usable_challenge_is_chosen() -> None:
    values = [
        "Basic x",
        'Digest realm="a", nonce="1", algorithm=MD5',
        'Digest realm="a", nonce="2", algorithm=SHA-256',
        'Digest realm="b", nonce="3", algorithm=SHA-512-256',
        'Digest realm="b", nonce="4", qop="auth-int"',
    ]
    chosen = choose_challenge(values)
    assert chosen is not None
    assert chosen.nonce == "2"
    assert choose_challenge(values, realm="b") is None


def test_stale_and_qop_are_read() -> None:
    challenge = parse_challenge('digest realm="a,b", nonce="n", qop="auth,auth-int" , stale=TRUE')
    assert challenge.stale
    assert challenge.qop == ("auth", "auth-int")
    assert challenge.realm == "a,b"
    assert parse_challenge(str(challenge)) == challenge


@pytest.mark.parametrize(
    "text", ["", "Digest", 'Digest realm="a"', "Digest a b", 'Digest realm="a", realm="b", nonce=c']
)
def test_malformed_challenges(text: str) -> None:
    with pytest.raises(ParseError):
        parse_challenge(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.booleans())
def test_random_headers_never_break_the_server(text: str, digest: bool) -> None:
    value = "Digest " + text if digest else text
    verdict = DigestServer("r", SECRET).verify([value], "INVITE", X, PASSWORDS.get, 0.0)
    assert verdict is Verdict.ABSENT


def test_forged_nonces_and_bad_algorithms() -> None:
    server = DigestServer("r", SECRET)
    forged = Authorization("8001", "r", "n\u00e9", "sip:x", "00", "MD5")
    assert server.verify([str(forged)], "INVITE", X, PASSWORDS.get, 0.0) is Verdict.STALE, "whatever was proved"
    bad = replace(forged, nonce=server.nonce(0.0), algorithm="MD5-SESS")
    assert server.verify([str(bad)], "INVITE", X, PASSWORDS.get, 0.0) is Verdict.WRONG
    with pytest.raises(ValueError, match="16 bytes"):
        DigestServer("r", b"short")
