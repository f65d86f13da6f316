"""Test calls in the store, and what a death leaves of one."""

from campaigns.probe_facts import ProbeBegun, ProbeCame, ProbeEnded
from telephony.facts import CallStarted
from tests.unit.store.conftest import Desk


async def test_a_run_from_its_beginning_to_its_end(desk: Desk) -> None:
    async with await desk.open() as store:
        begin = desk.clock.now()
        await store.log.commit("c-out", ProbeBegun("b-1", "hotline", "carrier", "boss"))
        desk.clock.advance(5)
        await store.log.commit("c-in", ProbeCame("b-1", "hotline"))
        [run] = await store.probes.runs(begin, begin + 60, limit=10)
        await store.log.commit("c-out", CallStarted("outbound", "4008001234", "4008001234"))
        await store.log.commit("c-in", CallStarted("inbound", "+8613800138000", "4008001234"))
        await store.log.commit("c-1", CallStarted("inbound", "+8613900139000", "4008001234"))
        shown = {call.id: call.probe for call in (await store.calls.list()).calls}
        assert shown == {"c-out": "hotline", "c-in": "hotline", "c-1": ""}, "both its calls are marked, no customer's"
        assert (run.call_id, run.inbound, run.by, run.result, run.ended_at) == ("c-out", "c-in", "boss", "", None)
        desk.clock.advance(30)
        ended = ProbeEnded("b-1", "hotline", "answered", 4.0, 6.5, None, "sales", "101", "c-in")
        await store.log.commit("c-out", ended)
        [run] = await store.probes.runs(begin, begin + 60, limit=10)
        assert (run.result, run.ring_s, run.menu_s, run.wait_s, run.queue, run.agent, run.ended_at) == (
            ("answered", 4.0, 6.5, None, "sales", "101", begin + 35)
        )
        assert await store.probes.runs(begin + 1, begin + 60, limit=10) == ()


async def test_a_run_that_a_death_cut_is_told_as_interrupted(desk: Desk) -> None:
    async with await desk.open() as store:
        await store.log.commit("c-out", ProbeBegun("b-1", "hotline", "carrier"))
        await store.log.commit("c-in", ProbeCame("b-1", "hotline"))
    async with await desk.open() as store:
        await store.recover()
        [run] = await store.probes.runs(0.0, desk.clock.now() + 1, limit=10)
        assert (run.result, run.inbound) == ("interrupted", "c-in")
        await store.recover()
        assert len(await store.probes.runs(0.0, desk.clock.now() + 1, limit=10)) == 1
