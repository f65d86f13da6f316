"""Metrics: closed without a token in the configuration, open to its bearer; messages in the format of Prometheus."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from asr.ears import RecogniserPool
from console.app import create_app
from console.deps import ConsoleSettings
from service.metrics import recogniser_metrics, sip_metrics
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


def told(metrics: Iterable[Metric]) -> list[str]:
    class Once(Collector):
        def collect(self) -> Iterable[Metric]:
            return metrics

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Once())
    return generate_latest(registry).decode().splitlines()


def test_what_recognisers_lost_is_told_where_there_are_any(tmp_path: Path) -> None:
    recognisers = RecogniserPool("none", tmp_path, live_workers=2, batch_workers=0)
    recognisers._live[1].datagrams_lost = 7
    assert "line400_tap_datagrams_lost_total 7.0" in told(recogniser_metrics(recognisers))
    assert told(recogniser_metrics(None)) == []


def test_messages_are_told_in_the_format_of_prometheus() -> None:
    counters = SipCounters()
    counters.note(invite("c1"), received=True)
    counters.note(b"SIP/2.0 404 Not Found\r\nCSeq: 1 INVITE\r\n\r\n", received=False)

    lines = told(sip_metrics(counters))
    assert 'line400_sip_messages_total{direction="received",method="INVITE",status=""} 1.0' in lines
    assert 'line400_sip_messages_total{direction="sent",method="INVITE",status="404"} 1.0' in lines
    assert "line400_sip_timed_out_total 0.0" in lines
