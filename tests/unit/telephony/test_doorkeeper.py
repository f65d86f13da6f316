"""Who may come in."""

import pytest

from telephony.doorkeeper import Admitted, Doorkeeper, Refusal
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.hop import Hop
from telephony.trunk import TrunkBook, TrunkSettings
from tests.unit.telephony.doubles import proof, request

NOW = 1_700_000_000.0
CARRIER = Hop("UDP", "203.0.113.5", 5060)
PHONE = Hop("UDP", "198.51.100.4", 6000)
URI = "sip:4008001234@192.0.2.1"


@pytest.fixture
def keeper() -> Doorkeeper:
    digest = DigestServer("line400", b"0" * 16, algorithms=("MD5",))
    passwords = {"101": "a"}
    trunks = TrunkBook(
        [
            TrunkSettings("carrier", CARRIER.host),
            TrunkSettings("registered", "203.0.113.6", register=True, user="line"),
        ]
    )
    return Doorkeeper(trunks, Registrar(digest, passwords), digest, passwords)


def test_a_carriers_call_comes_in_by_its_address(keeper: Doorkeeper) -> None:
    assert keeper.admit(request(uri=URI, user="13800138000"), CARRIER, NOW) == Admitted(
        "+8613800138000", "4008001234", trunk="carrier"
    )
    assert keeper.admit(request(uri=URI, user="anonymous"), CARRIER, NOW) == Admitted(
        "anonymous", "4008001234", trunk="carrier"
    )


def test_a_call_to_what_we_registered_is_for_the_number_in_to(keeper: Doorkeeper) -> None:
    carrier = Hop("UDP", "203.0.113.6", 5060)
    called = request(uri="sip:line@192.0.2.1", user="4008005678")  # the double puts the same user in From and To
    verdict = keeper.admit(called, carrier, NOW)
    assert isinstance(verdict, Admitted)
    assert (verdict.dnis, verdict.trunk) == ("4008005678", "registered")
    verdict = keeper.admit(request(uri=URI, user="13800138000"), carrier, NOW)
    assert isinstance(verdict, Admitted)
    assert verdict.dnis == "4008001234", "a carrier that names the number in the Request-URI is believed"


@pytest.mark.parametrize(
    ("uri", "called"),
    [
        ("sip:4008001234;phone-context=+86@192.0.2.1", "4008001234"),
        ("sip:+86-400-800-1234@192.0.2.1;user=phone", "+864008001234"),
        ("tel:+86-(400)-800.1234", "+864008001234"),
        ("tel:4008001234;phone-context=ims.example", "4008001234"),
        ("sip:sales-desk.1@192.0.2.1", "sales-desk.1"),
        ("urn:service:sos", ""),
    ],
)
def test_a_called_number_is_read_however_a_carrier_writes_it(keeper: Doorkeeper, uri: str, called: str) -> None:
    verdict = keeper.admit(request(uri=uri, user="13800138000"), CARRIER, NOW)
    assert isinstance(verdict, Admitted)
    assert verdict.dnis == called


def test_a_second_account_at_the_same_carrier_is_known_by_its_name() -> None:
    digest = DigestServer("line400", b"0" * 16, algorithms=("MD5",))
    trunks = TrunkBook(
        [TrunkSettings(f"at-{user}", CARRIER.host, register=True, user=user) for user in ("line1", "line2")]
    )
    keeper = Doorkeeper(trunks, Registrar(digest, {}), digest, {})
    verdict = keeper.admit(request(uri="sip:line2@192.0.2.1", user="4008005678"), CARRIER, NOW)
    assert isinstance(verdict, Admitted)
    assert (verdict.trunk, verdict.dnis) == ("at-line2", "4008005678")


def test_strangers_are_challenged_and_phones_prove_themselves(keeper: Doorkeeper) -> None:
    refusal = keeper.admit(request(uri=URI), PHONE, NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.status == 401
    ((name, challenge),) = refusal.headers
    assert name == "WWW-Authenticate"
    proved = request(uri=URI, headers=proof(challenge, "INVITE", URI, "101", "a"), user="boss")
    assert keeper.admit(proved, PHONE, NOW) == Admitted("101", "4008001234", agent="101"), "From is not believed"
    for user, password in (("101", "guessed"), ("999", "a")):
        wrong = request(uri=URI, headers=proof(challenge, "INVITE", URI, user, password))
        again = keeper.admit(wrong, PHONE, NOW)
        assert isinstance(again, Refusal)
        assert (again.status, "stale=true" in again.headers[0][1]) == (401, False)
    late = keeper.gate(proved, PHONE, NOW + 301)
    assert late is not None
    assert "stale=true" in late.headers[0][1]


def test_a_proof_for_another_method_is_none(keeper: Doorkeeper) -> None:
    refusal = keeper.admit(request(uri=URI), PHONE, NOW)
    assert isinstance(refusal, Refusal)
    sniffed = proof(refusal.headers[0][1], "REGISTER", URI, "101", "a")
    assert isinstance(keeper.admit(request(uri=URI, headers=sniffed), PHONE, NOW), Refusal)


def test_requests_outside_of_calls(keeper: Doorkeeper) -> None:
    assert keeper.answer(request("OPTIONS"), PHONE, NOW).status == 200
    assert keeper.answer(request("REGISTER", "sip:192.0.2.1"), CARRIER, NOW).status == 401
