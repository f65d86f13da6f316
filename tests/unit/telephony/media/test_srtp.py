"""SRTP: what we protect is what RFC 3711 says, and only what the far end protected comes through."""

import hmac
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ParseError
from telephony.media.port import SrtpKeys
from telephony.media.srtp import KEY_OCTETS, MAX_SOURCES, SrtpContext
from telephony.rtp.packet import RtpPacket

SUITES = sorted(KEY_OCTETS)
SUITE_80 = "AES_CM_128_HMAC_SHA1_80"
TAG_OCTETS = {
    "AES_CM_128_HMAC_SHA1_80": 10,
    "AES_CM_128_HMAC_SHA1_32": 4,
    "AEAD_AES_128_GCM": 16,
    "AEAD_AES_256_GCM": 16,
}
REPORT = struct.pack("!BBHI", 0x80, 201, 1, 0xABCD)


def key(suite: str, seed: int) -> bytes:
    return bytes((seed * 37 + index * 11) & 0xFF for index in range(KEY_OCTETS[suite]))


def pair(suite: str = SUITE_80, ours: int = 1, theirs: int = 2) -> tuple[SrtpKeys, SrtpKeys]:
    mine, other = key(suite, ours), key(suite, theirs)
    return SrtpKeys(suite, mine, other), SrtpKeys(suite, other, mine)


def packet(sequence: int, ssrc: int = 0x1234, payload: bytes = bytes(range(160))) -> bytes:
    return RtpPacket(8, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, ssrc, payload).to_bytes()


def over(sender: SrtpContext, data: bytes) -> bytes:
    protected = sender.protect(data)
    assert protected is not None
    return protected


def derived(master: bytes, salt: bytes, label: int, octets: int) -> bytes:
    """RFC 3711 section 4.3.3, key derivation rate 0."""
    start = int.from_bytes(salt) ^ label << 48
    counter = (start << 16).to_bytes(16)
    encryptor = Cipher(algorithms.AES(master), modes.CTR(counter)).encryptor()
    return encryptor.update(bytes(octets))


def by_the_book(secret: bytes, plain: bytes, rollovers: int) -> bytes:
    """AES_CM_128_HMAC_SHA1_80 as RFC 3711 sections 4.1.1 and 4.2 describe it, without libsrtp."""
    master, salt = secret[:16], secret[16:]
    session_key, session_salt = derived(master, salt, 0, 16), derived(master, salt, 2, 14)
    index = rollovers << 16 | int.from_bytes(plain[2:4])
    vector = (int.from_bytes(session_salt) << 16) ^ (int.from_bytes(plain[8:12]) << 64) ^ (index << 16)
    encryptor = Cipher(algorithms.AES(session_key), modes.CTR(vector.to_bytes(16))).encryptor()
    body = plain[:12] + encryptor.update(plain[12:])
    return body + hmac.digest(derived(master, salt, 1, 20), body + rollovers.to_bytes(4), "sha1")[:10]


def test_a_protected_packet_is_what_rfc_3711_says() -> None:
    keys, _ = pair()
    context = SrtpContext(keys)
    for sequence in (65534, 65535, 65536, 65537):
        plain = packet(sequence)
        assert context.protect(plain) == by_the_book(keys.send_key, plain, sequence >> 16)


def test_key_derivation_of_this_test_is_that_of_rfc_3711_appendix_b3() -> None:
    master = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
    salt = bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    assert derived(master, salt, 0, 16) == bytes.fromhex("C61E7A93744F39EE10734AFE3FF7A087")
    assert derived(master, salt, 2, 14) == bytes.fromhex("30CBBC08863D8C85D49DB34A9AE1")


@pytest.mark.parametrize("suite", SUITES)
def test_there_and_back(suite: str) -> None:
    ours, theirs = map(SrtpContext, pair(suite))
    plain = packet(1)
    protected = over(ours, plain)
    assert len(protected) == len(plain) + TAG_OCTETS[suite]
    assert plain[12:] not in protected
    assert theirs.unprotect(protected) == plain
    back = over(theirs, packet(7, 0x99))
    assert ours.unprotect(back) == packet(7, 0x99)
    report = ours.protect_rtcp(REPORT)
    assert report is not None
    assert theirs.unprotect_rtcp(report) == REPORT
    assert (ours.refused, theirs.refused) == (0, 0)


@pytest.mark.parametrize("suite", SUITES)
def test_forged_and_replayed_packets_are_refused_and_counted(suite: str) -> None:
    ours, theirs = map(SrtpContext, pair(suite))
    first, second = over(ours, packet(1)), over(ours, packet(2))
    assert theirs.unprotect(first) is not None
    for place in (13, len(second) - 1):
        forged = bytearray(second)
        forged[place] ^= 1
        assert theirs.unprotect(bytes(forged)) is None
    assert theirs.unprotect(packet(3)) is None  # plain RTP where SRTP was agreed
    assert (theirs.forged, theirs.replayed, theirs.malformed) == (3, 0, 0)
    assert theirs.unprotect(second) == packet(2)
    assert theirs.unprotect(second) is None
    assert theirs.unprotect(first) is None
    assert theirs.replayed == 2
    report = ours.protect_rtcp(REPORT)
    assert report is not None
    assert theirs.unprotect_rtcp(report) == REPORT
    assert theirs.unprotect_rtcp(report) is None
    assert theirs.unprotect_rtcp(report[:-1] + bytes([report[-1] ^ 1])) is None
    assert (theirs.refused, theirs.malformed) == (7, 0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.binary(max_size=2000))
def test_no_bytes_from_outside_come_through_or_do_harm(data: bytes) -> None:
    ours, theirs = map(SrtpContext, pair())
    assert theirs.unprotect(data) is None
    assert theirs.unprotect_rtcp(data) is None
    assert theirs.refused == 2
    assert theirs.unprotect(over(ours, packet(1))) == packet(1)


def test_late_packets_are_taken_as_far_as_the_window_reaches() -> None:
    ours, theirs = map(SrtpContext, pair())
    sent = [over(ours, packet(sequence)) for sequence in range(300)]
    assert theirs.unprotect(sent[200]) == packet(200)
    assert theirs.unprotect(sent[150]) == packet(150)
    assert theirs.unprotect(sent[20]) is None
    assert theirs.replayed == 1


def test_what_was_sent_already_or_is_too_long_is_not_protected() -> None:
    ours = SrtpContext(pair()[0])
    assert ours.protect(packet(5)) is not None
    assert ours.protect(packet(5)) is None
    assert ours.protect(packet(6, payload=bytes(1500))) is None


def test_a_new_source_is_understood_and_old_ones_are_forgotten() -> None:
    ours, theirs = map(SrtpContext, pair())
    streams = [over(ours, packet(1, ssrc)) for ssrc in range(MAX_SOURCES + 20)]
    for ssrc, protected in enumerate(streams):
        assert theirs.unprotect(protected) == packet(1, ssrc)
    assert theirs.unprotect(streams[-1]) is None  # still remembered: a replay
    again = over(ours, packet(2, 0))
    assert theirs.unprotect(again) == packet(2, 0)


def test_a_new_key_takes_over_and_packets_on_their_way_are_not_lost() -> None:
    (ours, _), (new_ours, new_theirs) = pair(), pair(ours=3, theirs=2)
    sender, receiver = SrtpContext(ours), SrtpContext(pair()[1])
    assert receiver.unprotect(over(sender, packet(1))) == packet(1)
    on_its_way = over(sender, packet(2))
    receiver.rekey(new_theirs)
    sender.rekey(new_ours)
    assert receiver.unprotect(on_its_way) == packet(2)
    under_old = by_the_book(ours.send_key, packet(4), 0)
    assert receiver.unprotect(over(sender, packet(3))) == packet(3)
    assert receiver.unprotect(under_old) is None  # the new key has come: the old one is gone
    assert sender.unprotect(over(receiver, packet(9, 0x77))) == packet(9, 0x77)  # that key stayed


def test_the_same_keys_again_change_nothing() -> None:
    keys, other = pair()
    sender, receiver = SrtpContext(keys), SrtpContext(other)
    protected = over(sender, packet(1))
    assert receiver.unprotect(protected) == packet(1)
    sender.rekey(keys)
    receiver.rekey(other)
    assert sender.protect(packet(1)) is None
    assert receiver.unprotect(protected) is None


def wrapped(sender: SrtpContext, receiver: SrtpContext) -> int:
    """Lets the sequence numbers wrap twice; the next index."""
    for index in range(0, 0x28000, 0x2000):
        assert receiver.unprotect(over(sender, packet(index))) == packet(index)
    return 0x28000


def test_the_rollover_counter_survives_a_new_key() -> None:
    keys, other = pair()
    sender, receiver = SrtpContext(keys), SrtpContext(other)
    index = wrapped(sender, receiver)
    new, new_other = pair(ours=5)
    sender.rekey(new)
    receiver.rekey(new_other)
    protected = over(sender, packet(index))
    assert protected == by_the_book(new.send_key, packet(index), 2)
    assert receiver.unprotect(protected) == packet(index)


def test_a_far_end_that_begins_its_rollover_counter_again_is_understood() -> None:
    keys, other = pair()
    sender, receiver = SrtpContext(keys), SrtpContext(other)
    index = wrapped(sender, receiver)
    new, new_other = pair(ours=5)
    receiver.rekey(new_other)
    anew = SrtpContext(new)
    assert receiver.unprotect(over(anew, packet(index))) == packet(index)
    assert receiver.unprotect(over(anew, packet(index + 1))) == packet(index + 1)
    assert receiver.refused == 0


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (SrtpKeys("F8_128_HMAC_SHA1_80", bytes(30), bytes(30)), "no SRTP suite 'F8_128_HMAC_SHA1_80'"),
        (SrtpKeys(SUITE_80, bytes(29), bytes(30)), "send_key of AES_CM_128_HMAC_SHA1_80 must have 30 octets"),
        (SrtpKeys("AEAD_AES_256_GCM", bytes(44), bytes(30)), "receive_key of AEAD_AES_256_GCM must have 44 octets"),
    ],
)
def test_keys_that_are_none(keys: SrtpKeys, text: str) -> None:
    with pytest.raises(ParseError, match=text):
        SrtpContext(keys)
    with pytest.raises(ParseError, match=text):
        SrtpContext(pair()[0]).rekey(keys)
