"""The MQTT publisher against a broker that comes and goes, on virtual time."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aiomqtt
import pytest

from acd.alarm_figures import AlarmNow
from acd.alarms import AlarmKind
from acd.board import AgentView, Board, QueueView, Tally, WaitingView
from acd.facts import AgentStateChanged, AgentStatus, QueueEntered
from core.bus import Bus, MemoryLog
from reports.campaign_live import Stand, campaign_live
from service.config_mqtt import MqttSettings
from service.mqtt import MqttClient, MqttPublisher
from service.mqtt_messages import event_message, level, state_messages
from telephony.facts import CallStarted
from tests.virtual_loop import EPOCH, LoopClock, run


def board(waiting: int = 0, status: AgentStatus = AgentStatus.AVAILABLE, at: float = EPOCH) -> Board:
    line = tuple(WaitingView(f"q{n}", f"c{n}", "sales", EPOCH + n, n, "") for n in range(waiting))
    return Board(
        at=at,
        queues=(QueueView("sales", "销售", line, 2, 1, 1, Tally(waiting, 0, 0, 0, 0, 0, waiting)),),
        agents=(AgentView("a/1", status, "", EPOCH, True, AgentStatus.AVAILABLE, ("sales",), "", "", None),),
    )


class Broker:
    """A broker: refuses while ``away``; a connection lasts until ``cut``. Keeps what was published."""

    def __init__(self) -> None:
        self.away = False
        self.published: list[tuple[str, str, bool]] = []
        self.attempts: list[float] = []
        self.delay_s = 0.0
        self.lost = asyncio.Event()
        self.swallows = False

    @asynccontextmanager
    async def connect(self, settings: MqttSettings) -> AsyncIterator[MqttClient]:
        self.attempts.append(asyncio.get_running_loop().time())
        if self.away:
            raise aiomqtt.MqttError("connection refused")
        self.lost = asyncio.Event()
        yield self

    def cut(self, *, away: bool) -> None:
        self.away = away
        self.lost.set()

    async def publish(self, topic: str, payload: str, qos: int = 0, retain: bool = False) -> None:
        if self.lost.is_set():
            raise aiomqtt.MqttError("connection lost")
        assert qos == 1
        self.published.append((topic, payload, retain))
        try:
            await asyncio.sleep(self.delay_s)  # the acknowledgement is on its way
        except asyncio.CancelledError:
            if not self.swallows:
                raise
        if self.lost.is_set():
            raise aiomqtt.MqttError("connection lost")

    async def wait_lost(self) -> None:
        await self.lost.wait()
        raise aiomqtt.MqttError("connection lost")

    def events(self) -> list[str]:
        return [json.loads(payload)["fact"]["entry"] for topic, payload, _ in self.published if "/events/" in topic]


class Setting:
    """A publisher, its broker and the log it reads."""

    def __init__(self, **options: int) -> None:
        self.broker = Broker()
        self.board = board()
        bus = Bus()
        self.log = MemoryLog(LoopClock(), bus)
        self.publisher = MqttPublisher(
            MqttSettings(enabled=True), bus, lambda: self.board, connect=self.broker.connect, **options
        )

    def post(self, first: int, last: int) -> None:
        for number in range(first, last):
            self.log.post(f"c{number}", QueueEntered(f"q{number}", "sales"))


def test_an_event_becomes_a_topic_and_json_with_masked_numbers():
    async def main() -> None:
        log = MemoryLog(LoopClock())
        event = await log.commit("c-1", CallStarted("inbound", "+8613800138000", "4008001234", "carrier"))
        message = event_message("line400", event)
        assert message.topic == "line400/events/call/started"
        assert json.loads(message.payload) == {
            "id": "e-1",
            "seq": 1,
            "at": EPOCH,
            "call_id": "c-1",
            "name": "call.started",
            "fact": {"direction": "inbound", "ani": "+86138****8000", "dnis": "40****1234", "trunk": "carrier"},
        }

    run(main())


def test_states_have_a_topic_for_each_queue_and_agent():
    queue, agent = state_messages("centre/400", board(waiting=2))
    assert (queue.topic, agent.topic) == ("centre/400/state/queues/sales", "centre/400/state/agents/a%2F1")
    shown = json.loads(queue.payload)
    assert (shown["waiting"], shown["oldest_since"], shown["title"]) == (2, EPOCH, "销售")
    assert json.loads(agent.payload)["status"] == "available"
    assert state_messages("x", board(at=1.0)) == state_messages("x", board(at=2.0)), "time alone is no change"
    assert level("a+b#c%") == "a%2Bb%23c%25"


def test_online_first_then_events_in_order_and_the_states():
    async def main() -> None:
        setting = Setting()
        setting.post(0, 3)
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(0.1)
        topics = [topic for topic, _, _ in setting.broker.published]
        assert topics == [
            "line400/status",
            *["line400/events/queue/entered"] * 3,
            "line400/state/queues/sales",
            "line400/state/agents/a%2F1",
        ]
        assert setting.broker.events() == ["q0", "q1", "q2"]
        assert [retain for _, _, retain in setting.broker.published] == [True, False, False, False, True, True]
        assert setting.publisher.health.connected
        task.cancel()
        await asyncio.wait({task})
        assert setting.broker.published[-1] == ("line400/status", "offline", True)
        assert not setting.publisher.health.connected

    run(main())


def test_only_states_that_changed_are_told_and_at_most_twice_a_second():
    async def main() -> None:
        setting = Setting()
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(10.0)
        setting.broker.published.clear()
        for number in range(20):
            setting.board = board(waiting=number + 1)
            setting.post(number, number + 1)
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        states = [
            json.loads(payload)["waiting"] for topic, payload, _ in setting.broker.published if "/state/" in topic
        ]
        assert len(states) <= 4
        assert states[-1] == 20
        setting.board = board(waiting=20, status=AgentStatus.PAUSED)
        setting.log.post("", AgentStateChanged("a/1", "paused", "tea"))
        await asyncio.sleep(1.0)
        assert setting.broker.published[-1][0] == "line400/state/agents/a%2F1"
        task.cancel()

    run(main())


def test_a_broker_that_is_away_is_asked_again_with_growing_pauses(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        setting = Setting()
        setting.broker.away = True
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(300.0)
        assert setting.broker.attempts == pytest.approx([0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
        assert "refused" in setting.publisher.health.fault
        setting.post(0, 2)
        setting.broker.away = False
        await asyncio.sleep(60.0)
        assert setting.broker.events() == ["q0", "q1"]
        assert setting.publisher.health.fault == ""
        task.cancel()

    run(main())
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1, "said once, not ten times"


def test_a_lost_connection_loses_no_event_and_tells_all_states_again():
    async def main() -> None:
        setting = Setting()
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(5.0)
        setting.broker.delay_s = 0.5
        setting.post(0, 120)
        await asyncio.sleep(0.7)
        setting.broker.cut(away=True)
        await asyncio.sleep(5.0)
        setting.post(120, 130)
        setting.broker.delay_s = 0.0
        setting.broker.cut(away=False)
        before = len(setting.broker.published)
        await asyncio.sleep(30.0)
        assert list(dict.fromkeys(setting.broker.events())) == [f"q{number}" for number in range(130)]
        assert setting.broker.published[before][:2] == ("line400/status", "online")
        assert sum("/state/" in topic for topic, _, _ in setting.broker.published[before:]) == 2
        assert setting.publisher.health.sent == 130
        assert len(setting.broker.events()) > 130, "what was not acknowledged came twice"
        task.cancel()

    run(main())


def test_while_the_broker_is_away_the_oldest_events_make_room_and_are_counted():
    async def main() -> None:
        setting = Setting(kept_events=100)
        setting.broker.away = True
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(1.0)
        setting.post(0, 250)
        health = setting.publisher.health
        assert (health.waiting, health.dropped, health.sent) == (100, 150, 0)
        setting.broker.away = False
        await asyncio.sleep(60.0)
        assert setting.broker.events() == [f"q{number}" for number in range(150, 250)]
        task.cancel()

    run(main())


def test_going_down_sends_what_is_left_but_not_for_ever():
    async def main() -> None:
        setting = Setting()
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(5.0)
        setting.broker.delay_s = 0.01
        setting.post(0, 60)
        task.cancel()
        await asyncio.wait({task})
        assert list(dict.fromkeys(setting.broker.events())) == [f"q{number}" for number in range(60)]
        assert setting.broker.published[-1][:2] == ("line400/status", "offline")

        hung = Setting()
        task = asyncio.create_task(hung.publisher.run())
        await asyncio.sleep(5.0)
        hung.broker.delay_s = 1000.0
        hung.post(0, 60)
        began = asyncio.get_running_loop().time()
        task.cancel()
        await asyncio.wait({task})
        assert asyncio.get_running_loop().time() - began == pytest.approx(1.0)

    run(main())


@pytest.mark.parametrize("after_s", [0.5, 1.5, 2.5, 3.5])
def test_a_client_that_swallows_the_cancellation_cannot_keep_us(after_s: float):
    """asyncio.wait_for of Python 3.11 does so when the acknowledgement comes at that very moment."""

    async def main() -> None:
        setting = Setting()
        setting.broker.delay_s, setting.broker.swallows = 1.0, True
        setting.post(0, 10)
        task = asyncio.create_task(setting.publisher.run())
        await asyncio.sleep(after_s)  # during the greeting, the events, the first and the second state
        task.cancel()
        await asyncio.wait({task}, timeout=10.0)
        assert task.cancelled()

    run(main())


def test_campaigns_are_told_too_and_the_moment_makes_no_other_text() -> None:
    ended = {"talked": 97, "abandoned": 3}
    stand = Stand(
        EPOCH, "running", pending=300, done=100, tried=100, talked=97, ended=ended, lately=50, first_at=EPOCH - 1800
    )
    [first] = state_messages("line400", Board(EPOCH, (), ()), [campaign_live("春/季", stand)])
    assert first.topic == "line400/state/campaigns/春%2F季"
    told = json.loads(first.payload)
    assert (told["pending"], told["speed"], told["abandoned"], told["abandoned_share"]) == (300, 100, 3, 0.03)
    later = replace(stand, at=EPOCH + 0.01, first_at=EPOCH - 1799.99)
    assert state_messages("line400", Board(EPOCH, (), ()), [campaign_live("春/季", later)]) == [first]


def test_the_topic_of_a_campaign_that_was_removed_is_cleared_once() -> None:
    async def main() -> None:
        setting, stands = Setting(), [campaign_live(name, Stand(EPOCH, "")) for name in ("春季", "夏季", "秋季")]
        publisher = MqttPublisher(
            MqttSettings(enabled=True), Bus(), lambda: setting.board, campaigns=lambda: stands,
            connect=setting.broker.connect,
        )  # fmt: skip
        task = asyncio.create_task(publisher.run())
        await asyncio.sleep(2.0)
        stands.pop()
        publisher.states_changed()
        await asyncio.sleep(2.0)
        setting.broker.cut(away=True)
        stands.pop()  # while the broker is away
        await asyncio.sleep(1.0)
        setting.broker.away = False
        await asyncio.sleep(60.0)
        publisher.states_changed()
        await asyncio.sleep(2.0)
        cleared = [topic for topic, payload, retain in setting.broker.published if not payload and retain]
        assert cleared == ["line400/state/campaigns/秋季", "line400/state/campaigns/夏季"]
        spring = [topic for topic, _, _ in setting.broker.published if topic.endswith("春季")]
        assert len(spring) == 2, "told again to a broker that was away"
        task.cancel()
        await asyncio.wait({task})

    run(main())


def test_alarms_that_stand_are_one_topic_that_is_empty_when_all_is_well() -> None:
    one = AlarmNow("level", AlarmKind.SERVICE_LEVEL, "sales", 0.6, 0.4, 0.8, EPOCH)
    [told] = state_messages("line400", Board(EPOCH, (), ()), alarms=[one])
    assert told.topic == "line400/state/alarms"
    figures = {"value": 0.6, "worst": 0.4, "limit": 0.8, "since": EPOCH}
    assert json.loads(told.payload) == {
        "alarms": [{"alarm": "level", "kind": "service_level", "subject": "sales", **figures}]
    }
    [well] = state_messages("line400", Board(EPOCH, (), ()), alarms=[])
    assert json.loads(well.payload) == {"alarms": []}
