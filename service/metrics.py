"""Figures of the running house in the text format of Prometheus; gathered when they are asked for."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from asr.ears import RecogniserPool
from service.build import Built
from service.qualify import trunk_state
from telephony.sip.counters import SipCounters


class HouseMetrics(Collector):
    """``console.ports.Metrics`` over the house."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def describe(self) -> list[Metric]:
        """Nothing before it is asked for."""
        return []

    def text(self) -> bytes:
        """See the port."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """All families."""
        built = self._built
        yield from sip_metrics(built.exchange.tracer.counters)
        yield GaugeMetricFamily("line400_legs", "Legs of calls that are up", len(built.exchange.switchboard.legs))
        workers = built.exchange.media.workers_up
        yield GaugeMetricFamily("line400_media_workers", "Media workers that run", workers)
        stops = built.watch.report().blocks
        yield CounterMetricFamily("line400_event_loop_stops", "Stops of the control process over 20 ms", stops)
        yield from recogniser_metrics(built.recognisers)
        yield from self._trunks()
        yield from self._queues()

    def _trunks(self) -> Iterator[Metric]:
        exchange = self._built.exchange
        calls = GaugeMetricFamily("line400_trunk_calls", "Calls that are up on a trunk", labels=["trunk"])
        up = GaugeMetricFamily("line400_trunk_up", "1 while calls can go by the trunk", labels=["trunk"])
        for trunk in exchange.trunks.all():
            calls.add_metric([trunk.name], exchange.trunks.calls(trunk.name))
            state = trunk_state(exchange.registrations, exchange.qualifier, trunk.name)
            up.add_metric([trunk.name], float(state.level != "down"))
        yield calls
        yield up

    def _queues(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily("line400_queue_waiting", "Callers who wait", labels=["queue"])
        free = GaugeMetricFamily("line400_queue_available", "Agents who are free", labels=["queue"])
        for queue in self._built.house.distributor.snapshot().queues:
            waiting.add_metric([queue.name], len(queue.waiting))
            free.add_metric([queue.name], queue.available)
        yield waiting
        yield free


def recogniser_metrics(recognisers: RecogniserPool | None) -> Iterator[Metric]:
    """What those who listen to callers could not take; nothing where there are none."""
    if recognisers is not None:
        text = "Pieces of callers' voices that recognisers were too slow for"
        yield CounterMetricFamily("line400_tap_datagrams_lost", text, recognisers.datagrams_lost)


def sip_metrics(counters: SipCounters) -> Iterator[Metric]:
    """Messages by direction, method and status ("" for requests), and what went wrong."""
    names = ["direction", "method", "status"]
    messages = CounterMetricFamily("line400_sip_messages", "SIP messages, repeats included", labels=names)
    for one in counters.messages():
        status = "" if one.status is None else str(one.status)
        messages.add_metric(["received" if one.received else "sent", one.method, status], one.count)
    yield messages
    for kind, count in counters.mishaps().items():
        yield CounterMetricFamily(f"line400_sip_{kind.value}", f"SIP: {kind.value.replace('_', ' ')}", count)
