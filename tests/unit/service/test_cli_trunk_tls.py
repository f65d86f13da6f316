"""``line400 trunk try`` by TLS: found by SRV and NAPTR, and what is wrong with a certificate is said."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from service import cli_trunk
from service.cli_trunk import FAULTS, Tried, knock
from service.clock import SystemClock
from service.config_model import Config, SipSettings
from telephony.sip import transport
from telephony.sip.connect_faults import ConnectFault
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Requested, SipEvent
from telephony.sip.hop import TCP, TLS, Hop
from telephony.sip.stack import SipStack
from telephony.sip.tls import TlsSettings
from telephony.trunk import TrunkSettings
from tests.certificates import Authority, make_authority
from tests.dns_server import DnsServer

HERE = "127.0.0.1"
NAME = "carrier.test"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("certificates"))


@asynccontextmanager
async def carrier(tls: TlsSettings, by: str = TLS) -> AsyncIterator[int]:
    """Answers OPTIONS with 200; its port."""
    listen = [Hop(by, HERE, 0)]
    far = SipStack(Endpoint(listen, entropy=os.urandom), SystemClock(), listen, tls=tls)

    def heard(event: SipEvent) -> None:
        if isinstance(event, Requested):
            far.answer_request(event.key, 200)

    await far.start()
    far.subscribe(heard)
    try:
        yield far.addresses[0].port
    finally:
        await far.close()


@asynccontextmanager
async def not_tls() -> AsyncIterator[int]:
    """A server that says something else to whoever comes; its port."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(say, HERE, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def config(authority: Authority, names: DnsServer | None = None) -> Config:
    servers = () if names is None else (f"{names.address[0]}:{names.address[1]}",)
    sip = SipSettings(
        host=HERE, name_servers=servers, tls_port=0, tls_certificate=authority.sign("line.test"),
        tls_authorities=authority.file,
    )  # fmt: skip
    return Config(sip=sip)


@pytest.mark.parametrize("asked", ["TLS", ""])
async def test_a_carrier_is_found_by_tls(authority: Authority, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SRV for a trunk that says TLS; for one that leaves it to the DNS, NAPTR before it."""
    async with (
        carrier(TlsSettings(authority.sign(NAME, address="192.0.2.9"))) as port,
        DnsServer(
            f'{NAME}. 60 IN NAPTR 10 0 "s" "SIPS+D2T" "" _sips._tcp.elsewhere.test.',
            f"_sips._tcp.{NAME}. 60 IN SRV 10 0 {port} a.test.",
            f"_sips._tcp.elsewhere.test. 60 IN SRV 10 0 {port} a.test.",
            f"a.test. 60 IN A {HERE}",
        ) as names,
    ):
        trunk = TrunkSettings("carrier", NAME, port=0, transport=asked)
        (tried,) = await knock(trunk, config(authority, names))
        assert (tried.hop, tried.status) == (Hop(TLS, HERE, port, NAME), 200)
        assert f"{NAME} NAPTR" in names.asked or asked == "TLS"
        without = config(authority, names)
        without = replace(without, sip=replace(without.sip, tls_port=-1))
        if not asked:
            monkeypatch.setattr(cli_trunk, "ANSWER_S", 0.1)
            names.records.append(f"{NAME}. 60 IN A {HERE}")
            (tried,) = await knock(trunk, without)
            assert tried.hop.transport == "UDP", "what the service does not speak is not tried"


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("expired", ConnectFault.EXPIRED),
        ("another name", ConnectFault.WRONG_NAME),
        ("stranger", ConnectFault.UNKNOWN_AUTHORITY),
        ("wants ours", ConnectFault.CLOSED),
        ("plain", ConnectFault.NO_TLS),
        ("mute", ConnectFault.SILENT),
        ("nobody", ConnectFault.REFUSED),
    ],
)
async def test_what_is_wrong_is_said(
    authority: Authority, tmp_path: Path, kind: str, fault: ConnectFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "mute":
        monkeypatch.setattr(transport, "CONNECT_S", 0.3)
    stranger = make_authority(tmp_path, "stranger")
    theirs = {
        "expired": TlsSettings(authority.sign(NAME, expired=True)),
        "another name": TlsSettings(authority.sign("sip.example", address="192.0.2.9")),
        "stranger": TlsSettings(stranger.sign(NAME)),
        "wants ours": TlsSettings(authority.sign(NAME), None, stranger.file, verify_clients=True),
    }.get(kind, TlsSettings(authority.sign(NAME)))
    async with carrier(theirs, TCP if kind == "mute" else TLS) as tls, not_tls() as plain:
        trunk = TrunkSettings("carrier", HERE, port={"nobody": 1, "plain": plain}.get(kind, tls), transport="TLS")
        (tried,) = await asyncio.wait_for(knock(trunk, config(authority)), 20)
    assert tried.status == 0 and tried.failed is not None
    if kind == "wants ours" and tried.failed.fault is ConnectFault.OURS_REFUSED:
        return  # where the library tells us
    assert tried.failed.fault is fault, tried.failed
    assert FAULTS[fault] in tried.said() and fault.value in tried.said()


def test_every_fault_has_its_words() -> None:
    assert set(FAULTS) == set(ConnectFault)
    hop = Hop(TLS, HERE, 5061)
    assert "200" in Tried(hop, 200, 0.01).said()
    assert "没有答复" in Tried(hop, 0, 5.0).said()
