"""The live board from events, and the WebSocket: events, boards, resuming, slow readers, who may listen."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from acd.facts import AgentStateChanged, OfferEnded, OfferMade, QueueEntered, QueueLeft
from console.app import create_app
from console.board import LiveBoard
from console.deps import ConsoleSettings
from console.feed import Feed
from console.today import TodayCount, day_start
from core.events import Event, Fact
from telephony.facts import CallEnded, CallStarted, LegOver, LegScored, TalkEnded, TalkHeld, TalkResumed
from tests.unit.console import day
from tests.unit.console.fakes import PASSWORD, House, Scene, make_house

Bearer = Callable[[str], dict[str, str]]
EVENTS = "/api/v1/events"
OURS = f"ws://127.0.0.1:8400{EVENTS}"


def board_of(house: House) -> LiveBoard:
    board = LiveBoard(day.DIRECTORY)
    for event in house.log.events:
        board.apply(event)
    return board


def test_board_follows_callers_agents_and_calls(house: House) -> None:
    Scene(house).usual()
    board = board_of(house).snapshot(day.NOW, None)
    queues = {queue.id: queue for queue in board.queues}
    assert [queue.id for queue in board.queues] == ["sales", "service", "tradein", "complaint"]
    assert [caller.since for caller in queues["service"].waiting] == [day.NOW - 47, day.NOW - 23]  # longest first
    assert queues["tradein"].waiting[0].ringing == "105" and queues["sales"].waiting == []
    assert (queues["service"].available, queues["service"].busy) == (1, 3)
    agents = {agent.id: agent for agent in board.agents}
    assert (agents["101"].state, agents["101"].since) == ("talking", day.NOW - 184)
    assert agents["101"].call_id and agents["105"].call_id and not agents["102"].call_id
    assert (agents["107"].state, agents["107"].reason) == ("paused", "用餐")
    assert (agents["108"].state, agents["108"].reason) == ("offline", "no_phone")
    stages = [call.stage for call in board.calls]
    assert sorted(stages) == ["ivr", "talking", "talking", "talking", "waiting", "waiting", "waiting"]


def test_board_shows_all_who_are_rung_for_a_caller(house: House) -> None:
    house.log.post("c", QueueEntered("e", "sales"))
    shown = []
    for fact in (
        OfferMade("o1", "e", "sales", "101"),
        OfferMade("o2", "e", "sales", "102"),
        OfferEnded("o1", "e", "sales", "101", "refused", 1.0),
        OfferEnded("o2", "e", "sales", "102", "timed_out", 2.0),
    ):
        house.log.post("c", fact)
        queues = {queue.id: queue for queue in board_of(house).snapshot(day.NOW, None).queues}
        shown.append(queues["sales"].waiting[0].ringing)
    assert shown == ["101", "101, 102", "102", ""]


def test_board_through_hold_and_end(house: House) -> None:
    scene = Scene(house)
    scene.post("", AgentStateChanged("101", "available"))
    call_id = scene.talks("sales", "101", ago=20)
    scene.at(0)
    scene.post(call_id, TalkHeld("101"))
    assert board_of(house).snapshot(day.NOW, None).calls[0].stage == "held"
    scene.post(call_id, TalkResumed("101"))
    assert board_of(house).snapshot(day.NOW, None).calls[0].stage == "talking"
    scene.post(call_id, TalkEnded("101", 20.0, 1.0, "sales"), CallEnded("normal", "caller"))
    scene.post("", AgentStateChanged("101", "wrap_up"))
    board = board_of(house)
    assert board.snapshot(day.NOW, None).calls == [] and board.agents[0].call_id == ""


def test_board_shows_what_the_configuration_does_not_name_and_forgets_ended_callers(house: House) -> None:
    house.log.post("c-1", CallStarted("inbound", "+8613800138000", day.LINE))
    house.log.post("c-1", QueueEntered("q-1", "vip"))
    house.log.post("", AgentStateChanged("999", "available"))
    board = board_of(house)
    assert board.snapshot(0.0, None).queues[-1].title == "vip" and board.agents[-1].id == "999"
    house.log.post("c-1", CallEnded("interrupted", "system"))  # an entry must not outlive its call on the board
    assert board_of(house).snapshot(0.0, None).queues[-1].waiting == []


def test_board_is_bounded() -> None:
    board = LiveBoard(day.DIRECTORY)
    for number in range(6000):
        board.apply(Event(str(number), 0.0, f"c-{number}", CallStarted("inbound", "1", "2"), number + 1))
    assert len(board.snapshot(0.0, None).calls) == 5000


def test_the_board_marks_calls_that_sound_bad() -> None:
    board = LiveBoard(day.DIRECTORY)
    facts: list[Fact] = [
        CallStarted("inbound", "1", "2"),
        LegScored("l-1", "caller", "", "fair", 3.9),
        LegScored("l-2", "agent", "101", "bad", 2.5),
        LegScored("l-1", "caller", "", "good", 4.2),
        LegOver("l-3", "normal"),
        LegScored("l-1", "caller", "", "poor", 3.2),
        LegOver("l-2", "normal"),
        LegScored("l-1", "caller", "", "good", 4.3),
    ]
    voices = []
    for number, fact in enumerate(facts, 1):
        board.apply(Event(str(number), 0.0, "c-1", fact, number))
        voices.append(board.snapshot(0.0, None).calls[0].voice)
    assert voices == ["good", "fair", "bad", "bad", "bad", "bad", "poor", "good"]


async def test_today_is_the_reports_and_starts_at_local_midnight(house: House) -> None:
    today = TodayCount(house.deps.reading, house.clock, day.ZONE)
    counting = asyncio.create_task(today.run())
    for _ in range(10):
        await asyncio.sleep(0)
    counting.cancel()
    assert today.current is not None
    report = day.report(house.store.waits, day.MIDNIGHT, day.MIDNIGHT + 86_400, "half_hour", "")
    assert today.current.day_start_at == day.MIDNIGHT == day_start(day.NOW, day.ZONE)
    assert today.current.figures["answer_rate"] == report.total.figures["answer_rate"]
    assert [bucket.start_at for bucket in today.current.buckets] == [row.start_at for row in report.all_queues]


def receive(socket: WebSocketTestSession, kind: str) -> dict[str, object]:
    while True:
        message: dict[str, object] = json.loads(socket.receive_text())
        if message["kind"] == kind:
            return message


def test_events_come_as_they_are_committed(client: TestClient, house: House, bearer: Bearer) -> None:
    with client.websocket_connect(EVENTS, headers=bearer("boss")) as socket:
        call = CallStarted("inbound", "+8613812345678", day.LINE)
        assert client.portal is not None
        client.portal.call(house.log.post, "c-1", call)
        event = receive(socket, "event")
        assert (event["name"], event["seq"], event["call_id"]) == ("call.started", 1, "c-1")
        assert event["data"] == {"direction": "inbound", "ani": "+8613812345678", "dnis": day.LINE, "trunk": ""}


def test_numbers_in_events_and_boards_are_masked(client: TestClient, house: House, bearer: Bearer) -> None:
    with client.websocket_connect(f"{EVENTS}?board=1", headers=bearer("wang")) as socket:
        receive(socket, "board")
        assert client.portal is not None
        client.portal.call(house.log.post, "c-1", CallStarted("inbound", "+8613812345678", day.LINE))
        event = receive(socket, "event")
        assert isinstance(event["data"], dict) and event["data"]["ani"] == "+86138****5678"
        calls = receive(socket, "board")["calls"]
        assert isinstance(calls, list) and calls[0]["number"] == "+86138****5678"


def test_a_reader_that_was_away_gets_what_it_missed_once(client: TestClient, house: House, bearer: Bearer) -> None:
    for number in range(1, 1201):
        house.log.post(f"c-{number}", CallStarted("inbound", "1", "2"))
    with client.websocket_connect(f"{EVENTS}?after=100", headers=bearer("boss")) as socket:
        seqs = [receive(socket, "event")["seq"] for _ in range(1100)]
        assert seqs == list(range(101, 1201))
        assert client.portal is not None
        client.portal.call(house.log.post, "c-1", CallEnded("normal", "caller"))
        assert receive(socket, "event")["seq"] == 1201


def test_a_reader_from_before_the_log_began_anew_is_told(client: TestClient, house: House, bearer: Bearer) -> None:
    house.log.post("c-1", CallStarted("inbound", "1", "2"))
    with client.websocket_connect(f"{EVENTS}?after=9999", headers=bearer("boss")) as socket:
        assert receive(socket, "gap")["after"] == 0


@pytest.mark.parametrize("after", [-1, 2**63, 10**30])
def test_a_number_that_no_event_can_have_is_refused(client: TestClient, bearer: Bearer, after: int) -> None:
    headers = bearer("boss")
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(f"{EVENTS}?after={after}", headers=headers),
    ):
        pass
    assert refused.value.code == 1008


def test_strangers_and_other_sites_may_not_listen(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(EVENTS):
        pass
    client.post("/api/v1/session", json={"name": "boss", "password": PASSWORD})
    with client.websocket_connect(OURS, headers={"Origin": "http://127.0.0.1:8400"}):
        pass
    foreign = {"Origin": "http://evil.example"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(OURS, headers=foreign):
        pass


def test_a_reader_is_pinged_and_let_go_when_its_session_ends(tmp_path: Path) -> None:
    house = make_house(tmp_path, ConsoleSettings(ping_s=0.01))
    with TestClient(create_app(house.deps), base_url="http://127.0.0.1:8400") as client:
        csrf = client.post("/api/v1/session", json={"name": "boss", "password": PASSWORD}).json()["csrf"]
        with client.websocket_connect(OURS) as socket:
            assert receive(socket, "ping")["at"] == day.NOW
            client.delete("/api/v1/session", headers={"X-CSRF-Token": csrf})
            with pytest.raises(WebSocketDisconnect) as end:
                while True:
                    socket.receive_text()
            assert end.value.code == 4401


async def test_a_slow_reader_is_lost_and_holds_up_nobody(house: House) -> None:
    today = TodayCount(house.deps.reading, house.clock, day.ZONE)
    feed = Feed(house.log.bus, day.DIRECTORY, today, most_readers=2, queue=10)
    feed.start()
    feed.start()  # twice is no error, and events do not come twice
    slow, quick = feed.open(masked=False), feed.open(masked=False)
    for number in range(30):
        house.log.post("c-1", QueueEntered(f"q-{number}", "sales"))
        assert len(quick.take()) == 1
    assert slow.lost and not quick.lost and len(slow.take()) == 10
    feed.close(slow)
    feed.stop()
    house.log.post("c-1", QueueLeft("q-1", "sales", "abandoned", 1.0))
    assert quick.take() == []


def test_at_most_so_many_readers(tmp_path: Path) -> None:
    house = make_house(tmp_path, ConsoleSettings(max_live_clients=1))
    with TestClient(create_app(house.deps)) as client:
        body = {"name": "boss", "password": PASSWORD, "bearer": True}
        who = {"Authorization": f"Bearer {client.post('/api/v1/session', json=body).json()['token']}"}
        with client.websocket_connect(EVENTS, headers=who):
            with pytest.raises(WebSocketDisconnect) as end, client.websocket_connect(EVENTS, headers=who):
                pass
            assert end.value.code == 1013
        with client.websocket_connect(EVENTS, headers=who):
            pass
