"""The SIP trace over the API: for admins only, switched with a name in the log, a ladder and a capture file."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from telephony.facts import TraceSwitched
from telephony.sip.hop import Hop
from tests.unit.console import day
from tests.unit.console.fakes import House

SignIn = Callable[[str], dict[str, str]]
PEER = Hop("UDP", "203.0.113.5", 5060)


def invite(call_id: str) -> bytes:
    return (
        f"INVITE sip:4001@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1\r\n"
        f"From: <sip:1380@b>;tag=1\r\nTo: <sip:4001@a>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def test_the_trace_is_the_admins(client: TestClient, bearer: SignIn) -> None:
    for who in ("boss", "wang", "guest"):
        headers = bearer(who)
        for path in ("/trace", "/trace/messages", "/trace.pcap", f"/calls/{day.STAR}/ladder"):
            assert client.get(f"/api/v1{path}", headers=headers).status_code == 403
        assert client.put("/api/v1/trace", json={"on": True}, headers=headers).status_code == 403
    assert client.get("/api/v1/trace").status_code == 401


def test_on_look_off(client: TestClient, bearer: SignIn, house: House) -> None:
    headers = bearer("admin")
    assert client.get("/api/v1/trace", headers=headers).json() == {"on": False, "numbers": [], "messages": 0}
    wanted = {"on": True, "numbers": ["1380"]}
    assert client.put("/api/v1/trace", json=wanted, headers=headers).json()["numbers"] == ["1380"]
    house.tracer.note(invite("c1"), PEER, received=True)
    house.tracer.tie(day.STAR, "c1")
    house.tracer.note(invite("c2"), PEER, received=True)
    (rung, other) = client.get("/api/v1/trace/messages", headers=headers).json()
    assert (rung["text"], rung["source"], rung["leg"], other["leg"]) == ("INVITE", "203.0.113.5:5060", "c1", "c2")
    assert client.get("/api/v1/trace/messages?after=1", headers=headers).json() == [other]
    assert client.get(f"/api/v1/calls/{day.STAR}/ladder", headers=headers).json() == [rung]
    assert client.get("/api/v1/calls/nothing/ladder", headers=headers).status_code == 404
    file = client.get(f"/api/v1/trace.pcap?call={day.STAR}", headers=headers)
    assert file.content.endswith(invite("c1")) and invite("c2") not in file.content
    assert "line400.pcap" in file.headers["content-disposition"]
    assert client.put("/api/v1/trace", json={"on": False}, headers=headers).json()["messages"] == 2
    assert house.log.facts(TraceSwitched) == [TraceSwitched(True, "admin"), TraceSwitched(False, "admin")]


def test_a_number_that_is_none_is_refused(client: TestClient, bearer: SignIn) -> None:
    for number in ("", "1 2", "x" * 40, "<script>"):
        answer = client.put("/api/v1/trace", json={"on": True, "numbers": [number]}, headers=bearer("admin"))
        assert answer.status_code == 422
