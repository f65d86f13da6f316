"""Metrics: closed without a token in the configuration, open to its bearer; messages in the format of Prometheus."""

from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from console.app import create_app
from console.deps import ConsoleSettings
from service.metrics import sip_metrics
from telephony.sip.counters import SipCounters
from tests.unit.console.fakes import make_house
from tests.unit.console.test_trace_api import invite


class Figures:
    def text(self) -> bytes:
        return b"line400_legs 3.0\n"


def test_only_the_bearer_of_the_token_reads_them(tmp_path: Path) -> None:
    house = make_house(tmp_path, ConsoleSettings(metrics_token="secret"))
    open_to_bearers = TestClient(create_app(replace(house.deps, metrics=Figures())))
    closed = TestClient(create_app(replace(house.deps, metrics=Figures(), settings=ConsoleSettings())))
    for client, header, status in (
        (closed, "", 404),
        (closed, "Bearer ", 404),
        (open_to_bearers, "", 401),
        (open_to_bearers, "Bearer wrong", 401),
        (open_to_bearers, "Bearer secret", 200),
    ):
        answer = client.get("/metrics", headers={"Authorization": header} if header else {})
        assert answer.status_code == status, header
        assert (answer.content == b"line400_legs 3.0\n") is (status == 200)


def test_messages_are_told_in_the_format_of_prometheus() -> None:
    counters = SipCounters()
    counters.note(invite("c1"), received=True)
    counters.note(b"SIP/2.0 404 Not Found\r\nCSeq: 1 INVITE\r\n\r\n", received=False)

    class Sip(Collector):
        def collect(self):
            return sip_metrics(counters)

    registry = CollectorRegistry()
    registry.register(Sip())
    lines = generate_latest(registry).decode().splitlines()
    assert 'line400_sip_messages_total{direction="received",method="INVITE",status=""} 1.0' in lines
    assert 'line400_sip_messages_total{direction="sent",method="INVITE",status="404"} 1.0' in lines
    assert "line400_sip_timed_out_total 0.0" in lines
