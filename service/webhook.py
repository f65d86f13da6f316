"""Posts events to an address of the operator's choice: alarms by default. See ``docs/mqtt.md`` for the form.

Nothing ever waits for the receiver: an event goes into a bounded queue, from which a task of its own posts one after
the other. What is not taken is posted again after 1, 2, 4, … seconds, for some minutes; then the next one has its turn.
An event may come twice, with the same ``id``. Redirections are not followed.
"""

import asyncio
import hashlib
import hmac
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import httpx

from core.bus import Bus
from core.clock import Clock
from core.events import Event
from service.config_alarms import WebhookSettings
from service.mqtt_messages import event_message

_log = logging.getLogger("line400.webhook")
KEPT_EVENTS: Final = 1000
TRIES: Final = 12
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
_AGAIN: Final = frozenset({408, 425, 429})
"""Refusals that may pass, besides 5xx."""


@dataclass(frozen=True, slots=True)
class WebhookHealth:
    """Events ``sent``, ``refused`` (or never taken), ``dropped`` because too many waited, and ``waiting``."""

    sent: int
    refused: int
    dropped: int
    waiting: int


def signature(secret: str, at: int, body: bytes) -> str:
    """The value of the header ``Line400-Signature``: who knows ``secret`` counts it anew over ``at`` (epoch seconds), a
    dot and the body, and looks whether ``at`` is recent.
    """
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class WebhookSender:
    """A reader of the bus. ``run`` posts until cancelled. ``transport`` stands in for the network."""

    def __init__(
        self,
        settings: WebhookSettings,
        bus: Bus,
        clock: Clock,
        *,
        transport: Callable[[], httpx.AsyncBaseTransport | None] = lambda: None,
        kept_events: int = KEPT_EVENTS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._transport = transport
        self._events: deque[Event] = deque()
        self._kept_events = kept_events
        self._wake = asyncio.Event()
        self._sent = self._refused = self._dropped = 0
        bus.subscribe(self._take)

    @property
    def health(self) -> WebhookHealth:
        """How it stands with the receiver."""
        return WebhookHealth(self._sent, self._refused, self._dropped, len(self._events))

    async def run(self) -> None:
        """Post until cancelled."""
        async with httpx.AsyncClient(
            timeout=self._settings.timeout_s, follow_redirects=False, trust_env=False, transport=self._transport()
        ) as client:
            while True:
                while not self._events:
                    self._wake.clear()
                    await self._wake.wait()
                if await self._deliver(client, self._events.popleft()):
                    self._sent += 1
                else:
                    self._refused += 1

    def _take(self, event: Event) -> None:
        if not event.fact.name.startswith(self._settings.events):
            return
        if len(self._events) >= self._kept_events:
            self._events.popleft()
            self._dropped += 1
        self._events.append(event)
        self._wake.set()

    async def _deliver(self, client: httpx.AsyncClient, event: Event) -> bool:
        """Post it until it is taken; False where it is refused, or is not taken in ``TRIES`` times."""
        body = event_message("", event).payload.encode()
        pause_s = FIRST_PAUSE_S
        for trial in range(TRIES):
            fault = await self._post(client, event, body)
            if not fault:
                return True
            if trial == 0:
                _log.warning("the webhook did not take %s: %s", event.fact.name, fault)
            if fault.isdigit() and int(fault) < 500 and int(fault) not in _AGAIN:
                return False
            if trial + 1 < TRIES:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        _log.error("the webhook has not taken %s in %d tries", event.fact.name, TRIES)
        return False

    async def _post(self, client: httpx.AsyncClient, event: Event, body: bytes) -> str:
        """ "" where it was taken, else the status or what went wrong."""
        headers = {"Content-Type": "application/json", "Line400-Event": event.fact.name, "Line400-Id": event.id}
        if self._settings.secret:
            headers["Line400-Signature"] = signature(self._settings.secret, int(self._clock.now()), body)
        try:
            answer = await client.post(self._settings.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{type(error).__name__}: {error}"
        return "" if answer.is_success else str(answer.status_code)
