"""A carrier that its NAPTR and SRV records name by TLS: the line finds it, passes over the server that is dead,
believes the certificate of the next one, registers, and is called by the connection that it made.
"""

import asyncio
import os
from pathlib import Path

import pytest

from service.clock import SystemClock
from telephony.media.port import Address
from telephony.negotiation import SdpSide
from telephony.sip.address import NameAddress
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Answered, Refused, Requested, SipEvent
from telephony.sip.hop import TLS, Hop
from telephony.sip.stack import SipStack
from telephony.sip.tls import TlsSettings
from telephony.sip.uri import SipUri
from tests.certificates import make_authority
from tests.dns_server import DnsServer
from tests.interop.line import LINE_NUMBER, basic, serving
from tests.ports import free_port

pytestmark = pytest.mark.interop
AT = "127.0.0.4"
DOMAIN = "carrier.test"


class Carrier:
    """Takes every registration; calls whom it knows."""

    def __init__(self, tls: TlsSettings) -> None:
        listen = [Hop(TLS, AT, 0)]
        self.stack = SipStack(Endpoint(listen, entropy=os.urandom), SystemClock(), listen, tls=tls)
        self.registered: asyncio.Queue[Requested] = asyncio.Queue()
        self.outcome: asyncio.Queue[SipEvent] = asyncio.Queue()
        self.stack.subscribe(self._on_sip)

    def _on_sip(self, event: SipEvent) -> None:
        match event:
            case Requested(request=request):
                contact = request.headers.get("Contact") or ""
                granted = [("Contact", f"{contact};expires=600")] if request.method == "REGISTER" else []
                self.stack.answer_request(event.key, 200, granted)
                if request.method == "REGISTER":
                    self.registered.put_nowait(event)
            case Answered() | Refused():
                self.outcome.put_nowait(event)

    async def call(self, line: Hop, contact: SipUri, number: str) -> SipEvent:
        """The outcome of a call to whoever registered ``contact``, by the connection from ``line``."""
        offer = SdpSide(Address(AT, 40000), ("PCMA",)).offer()
        us = NameAddress(SipUri(AT, user="13800138000"))
        session = self.stack.invite(line, contact, us, NameAddress(SipUri(DOMAIN, user=number)), offer)
        event = await asyncio.wait_for(self.outcome.get(), 20)
        self.stack.hang_up(session)
        return event


async def test_a_carrier_is_found_by_naptr_and_srv_and_spoken_to_by_tls(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    # RFC 5922: the certificate is of the domain that was asked for, not of the host that SRV names
    carrier = Carrier(TlsSettings(authority.sign(DOMAIN, address="192.0.2.9"), None, authority.file))
    await carrier.stack.start()
    port, dead = carrier.stack.addresses[0].port, free_port(AT)
    try:
        async with DnsServer(
            f'{DOMAIN}. 60 IN NAPTR 10 0 "s" "SIPS+D2T" "" _sips._tcp.{DOMAIN}.',
            f'{DOMAIN}. 60 IN NAPTR 20 0 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}.',
            f"_sips._tcp.{DOMAIN}. 60 IN SRV 5 0 {dead} edge.{DOMAIN}.",
            f"_sips._tcp.{DOMAIN}. 60 IN SRV 10 0 {port} edge.{DOMAIN}.",
            f"_sip._udp.{DOMAIN}. 60 IN SRV 10 0 {free_port(AT)} edge.{DOMAIN}.",
            f"edge.{DOMAIN}. 60 IN A {AT}",
        ) as names:
            trunk = (
                f'[[trunk]]\nname = "by-name"\nhost = "{DOMAIN}"\nport = 0\ntransport = "auto"\nregister = true\n'
                'user = "line"\npassword = "trunk secret"\n'
            )
            keys = (
                f'name_servers = ["{names.address[0]}:{names.address[1]}"]\ntls_port = {free_port()}\n'
                f'tls_certificate = "{authority.sign("line.test")}"\ntls_authorities = "{authority.file}"'
            )
            async with serving(tmp_path, basic(carrier_port=free_port()) + trunk, sip_keys=keys) as line:
                event = await asyncio.wait_for(carrier.registered.get(), 20)
                assert (event.source.transport, event.request.top_via.transport) == (TLS, TLS)
                assert [text for text in line.output if "no connection to" in text and str(dead) in text]
                assert "transport=tls" in (event.request.headers.get("Contact") or "")
                assert {f"{DOMAIN} NAPTR", f"_sips._tcp.{DOMAIN} SRV", f"edge.{DOMAIN} A"} <= set(names.asked)
                contact = event.request.contacts[0].uri
                assert isinstance(contact, SipUri)
                assert isinstance(await carrier.call(event.source, contact, LINE_NUMBER), Answered)
                (call,) = await line.until_calls_ended(1)
                assert call["dnis"] == LINE_NUMBER
    finally:
        await carrier.stack.close()
