"""SIP over TLS on loopback with certificates made here: who is believed, who is not, and what a bad file says."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.errors import Unavailable
from telephony.sip.address import NameAddress
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Answered, Confirmed, HungUp, Invited, Refused, SipEvent
from telephony.sip.hop import TLS, UDP, Hop
from telephony.sip.message import Request
from telephony.sip.stack import SipStack
from telephony.sip.tls import TlsSettings, server_context
from telephony.sip.uri import SipUri
from tests.certificates import Authority, make_authority

HERE = "127.0.0.1"
US = NameAddress(SipUri("example.net", user="us"))


class WallClock:
    def now(self) -> float:
        return time.time()


class Side:
    """A stack on TLS that answers calls and hangs them up when they are confirmed."""

    def __init__(self, stack: SipStack) -> None:
        self.stack = stack
        self.last: asyncio.Future[SipEvent] = asyncio.get_running_loop().create_future()
        self.invite: Request | None = None
        self.answered = False
        stack.subscribe(self._take)

    def _take(self, event: SipEvent) -> None:
        if isinstance(event, Invited):
            self.invite = event.request
            self.stack.accept(event.session, b"v=0 answer")
        elif isinstance(event, Confirmed):
            self.stack.hang_up(event.session)
        elif isinstance(event, Answered):
            self.answered = True
        elif isinstance(event, HungUp | Refused) and not self.last.done():
            self.last.set_result(event)

    async def end(self) -> SipEvent:
        async with asyncio.timeout(5):
            return await self.last


@asynccontextmanager
async def side(tls: TlsSettings) -> AsyncIterator[Side]:
    listen = [Hop(UDP, HERE, 0), Hop(TLS, HERE, 0)]
    stack = SipStack(Endpoint(listen, entropy=secrets.token_bytes), WallClock(), listen, tls=tls)
    await stack.start()
    try:
        yield Side(stack)
    finally:
        await stack.close()


def call(ours: Side, theirs: Side, host: str = HERE) -> None:
    port = theirs.stack.address(TLS).port
    uri = SipUri(host, user="them", port=port)
    ours.stack.invite(Hop(TLS, host, port), uri, US, NameAddress(uri), b"v=0 offer")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("certificates"))


def settings(
    authority: Authority, name: str = "localhost", *, verify: bool = False, address: str = HERE
) -> TlsSettings:
    return TlsSettings(authority.sign(name, address=address), None, authority.file, verify)


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("host", [HERE, "localhost"])
async def test_a_call_goes_through_and_the_bye_comes_back_on_the_same_connection(
    authority: Authority, host: str, verify: bool
) -> None:
    async with side(settings(authority)) as ours, side(settings(authority, verify=verify)) as theirs:
        call(ours, theirs, host)
        assert isinstance(await ours.end(), HungUp) and ours.answered
        invite = theirs.invite
        assert invite is not None and invite.top_via.transport == TLS
        assert ";transport=tls" in str(invite.contacts[0])
        assert len({id(one) for one in theirs.stack._transports._connections.values()}) == 1


async def test_a_peer_of_another_authority_is_not_called(authority: Authority, tmp_path: Path) -> None:
    stranger = make_authority(tmp_path, "stranger")
    async with side(settings(authority)) as ours, side(settings(stranger)) as theirs:
        call(ours, theirs)
        end = await ours.end()
        assert isinstance(end, Refused) and end.status == 503
        assert theirs.invite is None


async def test_a_certificate_for_another_name_is_not_believed(authority: Authority) -> None:
    wrong = settings(authority, "sip.example.net", address="192.0.2.1")
    async with side(settings(authority)) as ours, side(wrong) as theirs:
        for host in (HERE, "localhost"):
            ours.last = asyncio.get_running_loop().create_future()
            call(ours, theirs, host)
            assert isinstance(await ours.end(), Refused)
        assert theirs.invite is None


async def test_a_caller_without_our_authority_is_turned_away_where_certificates_are_asked_for(
    authority: Authority, tmp_path: Path
) -> None:
    stranger = make_authority(tmp_path, "stranger")
    believing = TlsSettings(stranger.sign("caller"), None, authority.file)
    async with side(believing) as ours, side(settings(authority, verify=True)) as theirs:
        call(ours, theirs)
        end = await ours.end()
        assert isinstance(end, Refused) and end.status == 503
        assert theirs.invite is None


async def test_a_bad_file_is_named_and_nothing_stays_bound(authority: Authority, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    for tls in (
        TlsSettings(broken),
        TlsSettings(tmp_path / "missing.pem"),
        TlsSettings(authority.sign("one"), None, broken, verify_clients=True),
    ):
        with pytest.raises(Unavailable, match=r"broken\.pem|missing\.pem"):
            async with side(tls):
                pass
    with pytest.raises(Unavailable, match="certificate"):
        stack = SipStack(Endpoint([Hop(TLS, HERE, 0)], entropy=secrets.token_bytes), WallClock(), [Hop(TLS, HERE, 0)])
        await stack.start()


def test_a_bad_key_is_told_by_its_fault(authority: Authority, tmp_path: Path) -> None:
    one, other = authority.sign("one"), authority.sign("other")
    with pytest.raises(Unavailable, match="the key is that of another certificate"):
        server_context(TlsSettings(one, other))
    with pytest.raises(Unavailable, match=r"absent\.key: No such file"):
        server_context(TlsSettings(one, tmp_path / "absent.key"))
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(Unavailable, match=r"locked\.key cannot be used: .* passphrase"):  # nobody is asked for it
        server_context(TlsSettings(one, locked))


async def test_somebody_who_speaks_no_tls_takes_no_connection(authority: Authority) -> None:
    async with side(settings(authority)) as ours:
        reader, writer = await asyncio.open_connection(HERE, ours.stack.address(TLS).port)
        writer.write(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
        async with asyncio.timeout(5):
            answer = await reader.read()
        assert b"SIP/2.0" not in answer  # at most a TLS alert
        assert not ours.stack._transports._connections
        writer.close()
