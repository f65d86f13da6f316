"""Publishes every event, and the state of queues, agents and campaigns, to an MQTT broker. See ``docs/mqtt.md``.

Nothing ever waits for the broker: an event goes into a bounded queue, from which a task of its own sends. While the
broker is away the oldest events make room for the newest, and are counted. Events are sent with QoS 1 (at least once:
after a broken connection some may come twice, with the same ``id``).
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

import aiomqtt

from acd.alarm_figures import AlarmFigures
from acd.board import Board
from core.bus import Bus
from core.events import Event
from reports.campaign_live import CampaignLive
from service.config_mqtt import MqttSettings
from service.mqtt_messages import event_message, is_about_state, state_messages

_log = logging.getLogger("line400.mqtt")
_client_log = logging.getLogger("line400.mqtt.client")
_KEPT_EVENTS: Final = 10_000
_BATCH: Final = 50
_STATE_EVERY_S: Final = 0.5
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0
_TIMEOUT_S: Final = 5.0
_KEEPALIVE_S: Final = 15
_GOODBYE_S: Final = 1.0
_ONLINE: Final = "online"
_OFFLINE: Final = "offline"
_CLEARED: Final = ""
"""Of a retained topic: the broker forgets it."""
_UNSURE: Final = "?"
"""What was told before the broker was away; it may have forgotten it."""


class MqttClient(Protocol):
    """What is needed of a connected client."""

    async def publish(self, topic: str, payload: str, qos: int = 0, retain: bool = False) -> None:
        """Send and, with QoS 1, wait for the broker's acknowledgement. Raises ``aiomqtt.MqttError``."""
        ...

    async def wait_lost(self) -> None:
        """Raise ``aiomqtt.MqttError`` when the connection is lost."""
        ...


Connect = Callable[[MqttSettings], AbstractAsyncContextManager[MqttClient]]


@dataclass(frozen=True, slots=True)
class MqttHealth:
    """``connected`` now; ``sent`` and ``dropped`` events so far; ``waiting`` to be sent; the last ``fault``."""

    connected: bool
    sent: int
    dropped: int
    waiting: int
    fault: str


class MqttPublisher:
    """A reader of the bus. ``run`` connects, sends, and connects again, until cancelled; the supervisor keeps it."""

    def __init__(
        self,
        settings: MqttSettings,
        bus: Bus,
        snapshot: Callable[[], Board],
        *,
        campaigns: Callable[[], Sequence[CampaignLive]] = tuple,
        alarms: AlarmFigures | None = None,
        connect: Connect | None = None,
        kept_events: int = _KEPT_EVENTS,
    ) -> None:
        self._settings = settings
        self._snapshot = snapshot
        self._campaigns = campaigns
        self._alarms = alarms
        self._connect = connect or connect_to_broker
        self._events: deque[Event] = deque()
        self._kept_events = kept_events
        self._wake = asyncio.Event()
        self._state_is_new = True
        self._told: dict[str, str] = {}
        self._connected = False
        self._sent = self._dropped = 0
        self._fault = ""
        bus.subscribe(self._take)

    @property
    def health(self) -> MqttHealth:
        """How it stands with the broker."""
        return MqttHealth(self._connected, self._sent, self._dropped, len(self._events), self._fault)

    def states_changed(self) -> None:
        """Campaigns or alarms stand elsewhere than they did."""
        self._state_is_new = True
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async with self._connect(self._settings) as client:
                    _stop_if_cancelled()
                    await self._greet(client)
                    _stop_if_cancelled()
                    pause_s = _FIRST_PAUSE_S
                    await self._talk(client)
            except (aiomqtt.MqttError, OSError) as error:
                self._lost(error)
            _stop_if_cancelled()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _take(self, event: Event) -> None:
        if len(self._events) >= self._kept_events:
            self._events.popleft()
            self._dropped += 1
        self._events.append(event)
        self._state_is_new = self._state_is_new or is_about_state(event)
        self._wake.set()

    async def _greet(self, client: MqttClient) -> None:
        await client.publish(self._status_topic, _ONLINE, qos=1, retain=True)
        if self._fault:
            _log.info("the MQTT broker is there; %d events wait, %d were dropped", len(self._events), self._dropped)
        self._connected, self._fault = True, ""
        self._told = dict.fromkeys(self._told, _UNSURE)
        self._state_is_new = True

    def _lost(self, error: Exception) -> None:
        fault = f"{type(error).__name__}: {error}"
        if self._connected or not self._fault:
            _log.warning("the MQTT broker %s:%d is away: %s", self._settings.host, self._settings.port, fault)
        self._connected, self._fault = False, fault

    @property
    def _status_topic(self) -> str:
        return f"{self._settings.prefix}/status"

    async def _talk(self, client: MqttClient) -> None:
        """Send until the connection is lost or we are cancelled; in that case say goodbye."""
        sending = asyncio.create_task(self._send(client), name="mqtt sending")
        losing = asyncio.create_task(client.wait_lost(), name="mqtt watching")
        try:
            done, _ = await asyncio.wait({sending, losing}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            sending.cancel()
            await asyncio.wait({sending})
            await self._say_goodbye(client)
            raise
        finally:
            self._connected = False
            sending.cancel()
            losing.cancel()
            await asyncio.gather(sending, losing, return_exceptions=True)

    async def _send(self, client: MqttClient) -> None:
        """Events as they come; states when they have changed, but not more often than twice a second."""
        time_of = asyncio.get_running_loop().time
        state_due_at = time_of()
        while True:
            self._wake.clear()
            while self._events:
                await self._send_events(client)
                _stop_if_cancelled()
            if self._state_is_new and time_of() >= state_due_at:
                await self._send_states(client)
                state_due_at = time_of() + _STATE_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout_at(state_due_at if self._state_is_new else None):
                    await self._wake.wait()

    async def _send_events(self, client: MqttClient) -> None:
        """The oldest events, together, in order. What the broker has not acknowledged goes back to the queue."""
        batch = [self._events.popleft() for _ in range(min(_BATCH, len(self._events)))]
        messages = [event_message(self._settings.prefix, event) for event in batch]
        try:
            await asyncio.gather(*(client.publish(one.topic, one.payload, qos=1) for one in messages))
        except (aiomqtt.MqttError, asyncio.CancelledError):
            room = max(0, self._kept_events - len(self._events))
            self._dropped += max(0, len(batch) - room)
            self._events.extendleft(reversed(batch[-room:] if room else []))
            raise
        self._sent += len(batch)

    async def _send_states(self, client: MqttClient) -> None:
        """The retained topics of those queues, agents, campaigns and alarms whose state differs from what was told; of
        those that are there no more they are cleared.
        """
        self._state_is_new = False
        alarms = None if self._alarms is None else list(self._alarms.current.values())
        messages = state_messages(self._settings.prefix, self._snapshot(), self._campaigns(), alarms)
        for topic in sorted(self._told.keys() - {message.topic for message in messages}):
            await client.publish(topic, _CLEARED, qos=1, retain=True)
            _stop_if_cancelled()
            del self._told[topic]
        for message in messages:
            if self._told.get(message.topic) != message.payload:
                await client.publish(message.topic, message.payload, qos=1, retain=True)
                _stop_if_cancelled()
                self._told[message.topic] = message.payload

    async def _say_goodbye(self, client: MqttClient) -> None:
        """What is left, then offline: a regular end of the connection does not send the last will."""
        with suppress(TimeoutError, aiomqtt.MqttError):
            async with asyncio.timeout(_GOODBYE_S):
                while self._events:
                    await self._send_events(client)
                await client.publish(self._status_topic, _OFFLINE, qos=1, retain=True)


def _stop_if_cancelled() -> None:
    """Raise the ``CancelledError`` that was swallowed on the way.

    ``aiomqtt`` waits by ``asyncio.wait_for``, which on Python 3.11 returns normally, and forgets the cancellation, if
    what it waits for comes in the same turn of the loop. We would then go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class _Broker:
    """A connected ``aiomqtt`` client as this file needs it."""

    __slots__ = ("_client",)

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client

    async def publish(self, topic: str, payload: str, qos: int = 0, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=qos, retain=retain)

    async def wait_lost(self) -> None:
        async for _ in self._client.messages:  # we subscribe to nothing; the iterator raises when the connection goes
            pass


@asynccontextmanager
async def connect_to_broker(settings: MqttSettings) -> AsyncIterator[MqttClient]:
    """Connect as ``settings`` say, with the last will that marks us offline."""
    client = aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.username or None,
        password=settings.password or None,
        tls_context=ssl.create_default_context() if settings.tls else None,
        will=aiomqtt.Will(f"{settings.prefix}/status", _OFFLINE, qos=1, retain=True),
        timeout=_TIMEOUT_S,
        keepalive=_KEEPALIVE_S,
        logger=_client_log,
    )
    client.pending_calls_threshold = _BATCH
    async with client:
        yield _Broker(client)
