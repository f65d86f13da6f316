"""The console over the real store: what the log took is what the API shows."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from acd.facts import AgentStateChanged, QueueEntered, QueueLeft
from asr.protocol import Segment, Transcript, Word
from console.accounts import ensure_admin
from console.app import create_app
from console.deps import ConsoleDeps
from console.from_store import StoredQueries
from console.guard import CHECK_EVERY_S
from core.bus import Bus, MemoryLog
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from service.lockouts import ConsoleLockouts
from service.wall_keys import WallKeys
from service.weekly_papers import ConsoleWeekly
from service.wire_counts import ConsoleCounts
from service.wire_trace import ConsoleTrace
from store.store import Store
from telephony.defence import Defence
from telephony.facts import (
    CallAnswered,
    CallEnded,
    CallStarted,
    LegMeasured,
    LegStarted,
    RecordingFinished,
    RecordingStarted,
    TalkEnded,
    TalkStarted,
)
from telephony.sip.trace import Tracer
from tests.unit.console import day
from tests.unit.console.agent_desk_fake import FakeDesks, FakeDispositions
from tests.unit.console.calling_fake import FakeCalling
from tests.unit.console.fakes import (
    FakeAgents,
    FakeConfig,
    FakeConsulting,
    FakeDesk,
    FakeHealth,
    FakeParking,
    FakePlacing,
    FakeRecorder,
    FakeSupervision,
    FakeTransfers,
    FakeTrunks,
    FakeValues,
    FakeWaiting,
    ReadHere,
    write_dialogue,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    clock = VirtualClock(day.NOW)
    ids = Ids(clock, CountingEntropy())
    opened = await Store.open(f"sqlite:///{tmp_path}/line400.db", clock, ids, Bus(), recordings=tmp_path)
    try:
        yield opened
    finally:
        await opened.close()


async def live_through_a_call(store: Store) -> None:
    log = store.log
    log.post("c-1", CallStarted("inbound", "+8613812345678", day.LINE, "carrier"))
    log.post("", AgentStateChanged("107", "paused", "用餐"))
    log.post("c-1", LegStarted("l-1", "caller"))
    log.post("c-1", CallAnswered())
    log.post("c-1", QueueEntered("q-1", "sales"))
    log.post("c-1", QueueLeft("q-1", "sales", "answered", 8.0, "101"))
    log.post("c-1", TalkStarted("101", "sales"))
    log.post("c-1", RecordingStarted("r-1", "c-1.wav", "caller", "agent"))
    log.post("c-1", TalkEnded("101", 30.0, 2.0, "sales"))
    log.post("c-1", RecordingFinished("r-1", 47.0))
    log.post("c-1", LegMeasured("l-1", "caller", "", "PCMA", 1500, 79, 0.05, 3.0, 3.9, 1480, 0, 0.0, 1.0, 4.37, 9.5))
    log.post("c-2", CallStarted("inbound", "+8613900000000", day.LINE, "carrier"))
    log.post("c-2", QueueEntered("q-2", "sales"))
    log.post("c-2", QueueLeft("q-2", "sales", "abandoned", 31.0))
    log.post("c-2", CallEnded("normal", "caller"))
    await log.commit("c-1", CallEnded("normal", "caller"))
    [job] = await store.transcripts.pending()
    words = (Word("您好", 0.5, 0.9, 0.8),)
    await store.transcripts.save(job, Transcript("whisper", 47.0, (Segment("agent", 0.5, 0.9, "您好", words),), 1.0))


async def test_the_log_s_truth_over_http(store: Store, tmp_path: Path) -> None:
    await live_through_a_call(store)
    write_dialogue(tmp_path / "c-1.wav")
    clock = VirtualClock(day.NOW + 1)
    queries = StoredQueries.of(store)
    password = await ensure_admin(queries.accounts, CountingEntropy())
    deps = ConsoleDeps(
        clock=clock,
        bus=Bus(),
        entropy=CountingEntropy(),
        recordings=tmp_path,
        recording_key=tmp_path / "recordings.key",
        recorder=FakeRecorder(),
        transfers=FakeTransfers(),
        supervision=FakeSupervision(),
        waiting=FakeWaiting(),
        accounts=queries.accounts,
        calls=queries.calls,
        events=queries.events,
        reading=ReadHere(queries.calls, queries.transcripts, queries.reports, queries.campaigns, told=queries.told),
        campaigns=queries.campaigns,
        calling=FakeCalling(),
        desk=store.desk,
        probe_runs=store.probes,
        probes=FakeDesk(clock),
        placing=FakePlacing(),
        parking=FakeParking(),
        consulting=FakeConsulting(),
        agents=FakeAgents(MemoryLog(clock)),
        agent_desks=FakeDesks(MemoryLog(clock)),
        dispositions=FakeDispositions(MemoryLog(clock)),
        disposed=store.dispositions,
        earlier=queries.calls,
        agent_states=store.agents,
        health=FakeHealth(),
        trunks=FakeTrunks(),
        config=FakeConfig(),
        sip=ConsoleCounts(Tracer(clock.now).counters, 0.0),
        lockouts=ConsoleLockouts(Defence(), clock),
        wall_keys=WallKeys(FakeValues(), MemoryLog(clock), clock, CountingEntropy()),
        weekly=ConsoleWeekly(lambda: tmp_path / "reports"),
        trace=ConsoleTrace(Tracer(clock.now), MemoryLog(clock), []),
        directory=day.DIRECTORY,
    )
    app = create_app(deps)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400/api/v1") as client,
    ):
        body = {"name": "admin", "password": password, "bearer": True}
        token = (await client.post("/session", json=body)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"

        agents = {agent["id"]: agent for agent in (await client.get("/agents")).json()}
        assert (agents["107"]["state"], agents["107"]["reason"]) == (
            "paused",
            "用餐",
        )  # told before the console listened
        assert (agents["101"]["state"], agents["101"]["since"]) == ("offline", None)
        calls = (await client.get("/calls")).json()
        assert calls["total"] == 2
        assert (await client.get("/calls/c-1/earlier")).json() == []
        rows = {call["id"]: call for call in calls["items"]}
        assert rows["c-2"]["outcome"] == "abandoned" and rows["c-2"]["transcript"] == "none"
        detail = (await client.get("/calls/c-1")).json()
        assert detail["call"]["queue"] == "sales" and detail["call"]["agent"] == "101"
        [leg], [entry] = detail["legs"], detail["entries"]
        assert (leg["id"], leg["role"], leg["party"], leg["answered_at"]) == ("l-1", "caller", "", None)
        assert (entry["id"], entry["outcome"], entry["wait_s"], entry["agent"]) == ("q-1", "answered", 8.0, "101")
        assert leg["quality"] == {
            "codec": "PCMA",
            "received": {"packets": 1500, "lost": 79, "loss": 0.05, "jitter_ms": 3.0, "mos": 3.9},
            "sent": {"packets": 1480, "lost": 0, "loss": 0.0, "jitter_ms": 1.0, "mos": 4.37},
            "round_trip_ms": 9.5,
        }
        assert (rows["c-1"]["mos"], rows["c-2"]["mos"]) == (3.9, None)
        assert (await client.get("/calls.csv")).text.splitlines()[2].endswith(",3.9,")
        assert detail["call"]["transcript"] == detail["recordings"][0]["transcript"] == "ready"
        assert detail["events"][0]["data"]["ani"] == "+8613812345678" and detail["entries"][0]["wait_s"] == 8.0
        assert (await client.get("/calls/c-1/recording.wav", headers={"Range": "bytes=0-3"})).content == b"RIFF"
        transcript = (await client.get("/calls/c-1/transcript")).json()
        assert transcript["segments"][0]["words"][0]["text"] == "您好"

        report = (await client.get("/reports/queues?bucket=hour")).json()
        assert report["total"]["figures"]["offered"] == 2 and report["total"]["figures"]["answer_rate"] == 0.5
        assert set(report["total"]["figures"]) == set(report["formulas"])
        assert sum(each["answered"] + each["abandoned"] for each in report["histogram"]) == 2
        span = f"from={report['from_at']}&to={report['to_at']}"
        behind = (await client.get(f"/calls?behind=abandoned&{span}&queue=sales")).json()
        assert [call["id"] for call in behind["items"]] == ["c-2"]
        assert (await client.get(f"/calls?behind=overflowed&{span}")).json()["items"] == []
        wrong = await client.get(f"/calls?behind=nonsense&{span}")
        assert wrong.status_code == 422 and wrong.json()["where"] == "figure"
        assert (await client.get("/reports/queues.xlsx")).content[:2] == b"PK"
        week = (await client.get(f"/reports/queues?{span}&bucket=week_hour&by=line&compare=true")).json()
        [busy] = [row for row in week["rows"] if row["figures"]["offered"]]
        assert (busy["label"], busy["line"], busy["queue"], busy["figures"]["abandoned"]) == ("4T10", day.LINE, "", 1)
        assert [row["figures"]["offered"] for row in week["before"]] == [0]
        cell = f"behind=answered&{span}&line={day.LINE}&week_hour={3 * 24 + 10}"
        assert [call["id"] for call in (await client.get(f"/calls?{cell}")).json()["items"]] == ["c-1"]
        assert (await client.get(f"/calls?{cell.replace('82', '83')}")).json()["items"] == []
        table = (await client.get(f"/reports/queues.csv?{span}&bucket=week_hour&by=line")).text.splitlines()
        assert table[0].split(",")[2] == "被叫号码 line" and table[1].split(",")[:3] == ["4T10", "", day.LINE]
        month = (await client.get("/reports/queues?from=2026-11-01&to=2026-12-01&bucket=month")).json()
        assert [(row["label"], row["figures"]["offered"]) for row in month["rows"]] == [("2026-11-01T00:00+08:00", 2)]
        assert (await client.get("/campaigns")).json() == []
        assert (await client.get("/calls?text=您好")).json()["total"] == 1
        missed = await queries.events.events_after(2, limit=3)
        assert [event.seq for event in missed] == [3, 4, 5]

        await store.accounts.remove("admin")  # as `line400 users remove` does in its own process
        clock.advance(CHECK_EVERY_S)
        assert (await client.get("/calls")).status_code == 401
