"""A carrier that wants us to register: REGISTER with digest, refreshes, leave at the stop; its calls come in."""

import asyncio
import secrets
from pathlib import Path
from typing import cast

import pytest

from core.errors import Unavailable
from service.clock import SystemClock
from service.demo.softphone import Softphone
from telephony.sip.digest_server import DigestServer, Verdict
from telephony.sip.events import Requested, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.message import Request
from tests.interop.handset import Handset
from tests.interop.line import HOST, Line, basic, serving
from tests.ports import free_port

pytestmark = pytest.mark.interop
AT = "127.0.0.4"
GRANT_S = 6
"""The carrier's registrations are short, so that a refresh is seen soon."""


class Registry:
    """The carrier's registrar: challenges, and keeps what was proved."""

    def __init__(self, phone: Softphone, password: str) -> None:
        self._phone = phone
        self._password = password
        self._digest = DigestServer("carrier.example", secrets.token_bytes(32))
        self._clock = SystemClock()
        self.challenged = 0
        self.before_first = 0
        """Challenges before the first right proof: on a slow machine refreshes come before the test looks."""
        self.proved: asyncio.Queue[Request] = asyncio.Queue()
        phone.stack.subscribe(self._on_sip)

    def _on_sip(self, event: SipEvent) -> None:
        if not isinstance(event, Requested) or event.request.method != "REGISTER":
            return
        now = self._clock.now()
        claims = event.request.headers.get_all("Authorization")
        uri, passwords = event.request.uri, {"line": self._password}
        if self._digest.verify(claims, "REGISTER", uri, passwords.get, now) is not Verdict.OK:
            self.challenged += 1
            values = self._digest.challenges(now)
            self._phone.stack.answer_request(event.key, 401, [("WWW-Authenticate", value) for value in values])
            return
        expires_s = min(GRANT_S, event.request.expires or 0)
        contact = event.request.headers.get("Contact") or ""
        self._phone.stack.answer_request(event.key, 200, [("Contact", f"{contact};expires={expires_s}")])
        self.before_first = self.before_first or self.challenged
        self.proved.put_nowait(event.request)

    async def next(self, timeout_s: float) -> Request:
        """The next REGISTER that came with the right password."""
        return await asyncio.wait_for(self.proved.get(), timeout_s)


def _settings(port: int, password: str) -> str:
    return basic(carrier_port=free_port()) + (
        f'[[trunk]]\nname = "registering"\nhost = "{AT}"\nport = {port}\nregister = true\nuser = "line"\n'
        f'password = "{password}"\n'
    )


async def _components(line: Line) -> dict[str, dict[str, str]]:
    health = cast("dict[str, list[dict[str, str]]]", await line.api.get("/health"))
    return {part["name"]: part for part in health["components"]}


async def test_the_line_registers_refreshes_takes_calls_and_leaves(tmp_path: Path) -> None:
    port = free_port(AT)
    carrier = Handset(Hop("UDP", HOST, 0), "carrier", listen=Hop("UDP", AT, port))
    registry = Registry(carrier, "trunk secret")
    await carrier.start()
    try:
        async with serving(tmp_path, _settings(port, "trunk secret")) as line:
            first = await registry.next(5)
            assert (first.expires, first.to.uri.user, registry.before_first) == (600, "line", 1)
            contact = first.contacts[0].uri
            assert (contact.user, contact.host, contact.port) == ("line", HOST, line.sip)
            refresh = await registry.next(GRANT_S + 1)
            assert refresh.call_id == first.call_id
            assert refresh.cseq.number > first.cseq.number
            carrier.towards(Hop("UDP", HOST, line.sip))
            call = await carrier.call("4008005555", "13800138000")
            call.hang_up()
            # carriers send calls to what we registered, and say in To which number was called
            registered = await carrier.call_registered("line", "4008005555", "13800138001")
            registered.hang_up()
            calls = await line.until_calls_ended(2)
            assert [(item["dnis"], item["queue"]) for item in calls] == [("4008005555", "general")] * 2
            components = await _components(line)
            assert components["trunk registering"]["detail"].startswith("registered")
            shown = cast("list[dict[str, object]]", await line.api.get("/trunks"))
            (trunk,) = [one for one in shown if one["name"] == "registering"]
            assert (trunk["state"], trunk["registers"], trunk["host"]) == ("ok", True, AT)
            assert 0 <= cast(float, trunk["registered_for_s"]) <= GRANT_S
        leave = await registry.next(0.1)
        while leave.expires:  # refreshes that came meanwhile
            leave = await registry.next(0.1)
        assert leave.call_id == first.call_id
    finally:
        await carrier.close()


async def test_a_wrong_password_is_shown_and_not_hammered(tmp_path: Path) -> None:
    port = free_port(AT)
    carrier = Handset(Hop("UDP", HOST, 0), "carrier", listen=Hop("UDP", AT, port))
    registry = Registry(carrier, "trunk secret")
    await carrier.start()
    try:
        async with serving(tmp_path, _settings(port, "guessed")) as line:
            await asyncio.sleep(2)
            with pytest.raises(Unavailable, match="registration refused with 401"):
                await line.api.get("/health")
        assert registry.proved.empty()
        assert registry.challenged == 2, "one try: the challenge, and the answer that was wrong"
    finally:
        await carrier.close()
