"""Reading the configuration again over the API, SIP messages counted, and the board after a change."""

from collections.abc import Callable
from typing import cast

from fastapi.testclient import TestClient

from acd.facts import AgentStateChanged, AgentStatus
from console.board import LiveBoard
from console.ports import AgentEntry, Directory, QueueEntry
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.house_facts import ConfigReloaded
from telephony.sip.hop import Hop
from tests.unit.console import day
from tests.unit.console.fakes import FakeConfig, House
from tests.unit.console.test_trace_api import invite

SignIn = Callable[[str], dict[str, str]]


def test_reloading_is_the_admins(client: TestClient, bearer: SignIn, house: House) -> None:
    config = cast("FakeConfig", house.deps.config)
    for who in ("boss", "wang", "guest"):
        assert client.post("/api/v1/config/reload", headers=bearer(who)).status_code == 403
    assert client.post("/api/v1/config/reload").status_code == 401
    assert not config.asked
    answer = client.post("/api/v1/config/reload", headers=bearer("admin")).json()
    assert answer == {"changed": ["agent 8002: new"], "waiting": ["http.port"], "warnings": []}
    assert config.asked == ["admin"]
    looked = client.get("/api/v1/config/changes", headers=bearer("admin")).json()
    assert looked == answer and config.asked == ["admin"], "looking changes nothing"
    assert client.get("/api/v1/config/changes", headers=bearer("boss")).status_code == 403
    config.faults = ["line400.toml:7: http.prot: unknown key", "line400.toml:9: zone: no such time zone"]
    refused = client.post("/api/v1/config/reload", headers=bearer("admin"))
    assert refused.status_code == 422
    assert refused.json()["title"].splitlines() == config.faults
    assert "Nothing has changed" in refused.json()["mend"]
    assert client.get("/api/v1/config/changes", headers=bearer("admin")).status_code == 422


def test_messages_are_counted(client: TestClient, bearer: SignIn, house: House) -> None:
    house.tracer.note(invite("c1"), Hop("UDP", "203.0.113.5", 5060), received=True)
    assert client.get("/api/v1/sip/counts", headers=bearer("wang")).status_code == 403
    counts = client.get("/api/v1/sip/counts", headers=bearer("boss")).json()
    assert counts == {
        "since": day.NOW - 3600,
        "messages": [{"direction": "received", "method": "INVITE", "status": None, "count": 1}],
        "repeated": 0,
        "timed_out": 0,
        "malformed": 0,
        "unwanted": 0,
    }


def test_the_board_shows_who_is_there_now() -> None:
    log = MemoryLog(VirtualClock())
    directory = Directory((QueueEntry("sales", "Sales"),), (AgentEntry("101", "Wang"), AgentEntry("102", "Li")))
    board = LiveBoard(directory)
    log.bus.subscribe(board.apply)
    log.post("c1", AgentStateChanged("101", AgentStatus.TALKING))
    directory.change(
        Directory(
            (QueueEntry("parts", "Parts"),),
            (AgentEntry("102", "Li Qiang", queues=("parts",)), AgentEntry("103", "Chen")),
        )
    )
    log.post("", ConfigReloaded("boss", (), ()))
    assert [queue.id for queue in board.snapshot(0.0, None).queues] == ["parts"]
    assert [(agent.id, agent.name, agent.queues, agent.state) for agent in board.agents] == [
        ("102", "Li Qiang", ["parts"], "offline"),
        ("103", "Chen", [], "offline"),
        ("101", "Wang", [], "talking"),
    ]
    log.post("", AgentStateChanged("101", AgentStatus.WRAP_UP))
    log.post("", AgentStateChanged("101", AgentStatus.OFFLINE))
    assert [agent.id for agent in board.agents] == ["102", "103"], "he who is gone is shown until he is done"
