"""Which certificate is shown: by name (SNI), and after its file was renewed."""

import asyncio
import os
import secrets
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from core.errors import Unavailable
from service.clock import SystemClock
from telephony.sip import transport
from telephony.sip.certificates import ServerCertificates
from telephony.sip.endpoint import Endpoint
from telephony.sip.hop import TLS, WSS, Hop
from telephony.sip.stack import SipStack
from telephony.sip.tls import TlsSettings
from tests.certificates import Authority, make_authority

HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("certificates"))


async def shown(authority: Authority, port: int, name: str | None) -> x509.Certificate:
    """The certificate that a listener shows to a peer that asks for ``name`` (None: for none)."""
    context = ssl.create_default_context(cafile=str(authority.file))
    context.check_hostname = False
    loop = asyncio.get_running_loop()
    made, _ = await loop.create_connection(asyncio.Protocol, HERE, port, ssl=context, server_hostname=name or "")
    der = made.get_extra_info("ssl_object").getpeercert(binary_form=True)
    made.abort()
    return x509.load_der_x509_certificate(der)


def name_of(certificate: x509.Certificate) -> str:
    return str(certificate.subject.rfc4514_string()).removeprefix("CN=")


async def test_each_peer_is_shown_the_certificate_for_the_name_that_it_asks_for(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "SWEEP_S", 0.05)
    first, other, wild = (authority.sign(name) for name in ("sip.a.example", "sip.b.example", "*.c.example"))
    tls = TlsSettings(first, None, authority.file, more=(other, wild))
    listen = [Hop(TLS, HERE, 0), Hop(WSS, HERE, 0)]
    stack = SipStack(Endpoint(listen, entropy=secrets.token_bytes), SystemClock(), listen, tls=tls)
    await stack.start()
    try:
        for port in (stack.address(TLS).port, stack.address(WSS).port):
            for asked, expected in (
                ("sip.a.example", "sip.a.example"),
                ("SIP.b.example", "sip.b.example"),
                ("desk.c.example", "*.c.example"),
                ("x.desk.c.example", "sip.a.example"),
                ("elsewhere.example", "sip.a.example"),
                (None, "sip.a.example"),
            ):
                assert name_of(await shown(authority, port, asked)) == expected, asked
        before = await shown(authority, port, "sip.b.example")
        other.write_text("half of a file")
        os.utime(other, ns=(1, 1))
        await asyncio.sleep(0.2)  # it is looked at; whether it was or not, the old one stays
        assert await shown(authority, port, "sip.b.example") == before
        authority.sign("sip.b.example")  # the same file with another key
        for _ in range(200):
            await asyncio.sleep(0.05)
            if await shown(authority, port, "sip.b.example") != before:
                break
        else:
            pytest.fail("the renewed certificate was not taken")
    finally:
        await stack.close()


def test_a_file_that_cannot_be_used_is_named(authority: Authority, tmp_path: Path) -> None:
    first = authority.sign("one.example")
    with pytest.raises(Unavailable, match=r"absent\.pem"):
        ServerCertificates(TlsSettings(first, more=(tmp_path / "absent.pem",)))


def test_what_has_not_changed_is_not_read_again_and_what_is_spoilt_is_said(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "own.pem"
    path.write_bytes(authority.sign("two.example").read_bytes())
    certificates = ServerCertificates(TlsSettings(path))
    assert not certificates.renew()
    path.write_text("nothing")
    os.utime(path, ns=(1, 1))
    assert not certificates.renew()
    assert "own.pem" in caplog.text
    assert not certificates.renew()  # said once
    path.write_bytes(authority.sign("two.example").read_bytes())
    os.utime(path, ns=(2, 2))
    assert certificates.renew()
