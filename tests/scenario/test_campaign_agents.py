"""Campaigns with agents over the real call distribution: nobody is dialled for whom no agent is, everybody who answers
has one within two seconds or hears the apology and is counted, and callers come first.
"""

import asyncio
import random
from dataclasses import replace

import pytest

from acd.queues import QueueRules
from acd.served import Connected
from campaigns.dial_facts import PersonAbandoned
from campaigns.facts import CampaignStateChanged
from campaigns.gate import CampaignState
from campaigns.ports import Contact
from tests.scenario.campaign_world import Fate, World, until
from tests.unit.acd.doubles import FakeLeg
from tests.virtual_loop import run

OUT = QueueRules("out", ("a", "b"), wrap_up_s=10.0, misses_until_pause=0)
INBOUND = QueueRules("sales", ("a", "b"), wrap_up_s=0.0)


def test_progressive_one_call_for_each_free_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World()
        world.patched(monkeypatch)
        world.ready("a", "b")
        assert await world.campaign("visits", 7).run() is CampaignState.FINISHED
        assert world.results() == ["talked"] * 7
        assert (world.most_ringing, world.ahead) == (2, 0)
        assert max(after_s for _, _, after_s in world.met) < 2.0
        assert {agent for _, agent, _ in world.met} == {"a", "b"}
        assert world.apologies() == []
        assert all(leg.end is not None for leg in world.legs)

    run(story())


def test_without_agents_nobody_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issabel#49: the dialler goes on with no agents."""

    async def story() -> None:
        world = World()
        world.patched(monkeypatch)
        dialler = world.campaign("visits", 5, predictive=True)
        running = asyncio.ensure_future(dialler.run())
        await asyncio.sleep(90)
        assert world.dialled == []
        world.distributor.phone_registered("a")  # a phone alone is nobody
        await asyncio.sleep(90)
        assert world.dialled == []
        world.distributor.set_available("a")
        await until(lambda: len(world.met) == 1)
        world.distributor.sign_out("a")
        talked = len(world.dialled)
        await asyncio.sleep(90)
        assert len(world.dialled) == talked
        assert dialler.state is CampaignState.RUNNING
        world.ready("a")
        assert await running is CampaignState.FINISHED
        assert world.results().count("talked") + world.results().count("abandoned") == 5

    run(story())


def test_a_list_that_is_done_is_finished_without_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        assert await World().campaign("visits", 0).run() is CampaignState.FINISHED

    run(story())


def test_who_finds_no_agent_hears_the_apology_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(behave=lambda agent: ("answer", 5.0), agents=("a",))  # picks up by hand, and too late
        world.patched(monkeypatch)
        world.ready("a")
        dialler = world.campaign("visits", 8)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: dialler.state is CampaignState.PAUSED)
        assert world.results() == ["abandoned"] * 4, "the fifth hears it still"
        await until(lambda: len(world.results()) == 5)
        assert len(world.apologies()) == 5
        lost = [fact for fact in world.log.facts(PersonAbandoned) if isinstance(fact, PersonAbandoned)]
        assert [round(fact.waited_s, 3) for fact in lost] == [2.0] * 5
        (why,) = {fact.why for fact in world.log.facts(CampaignStateChanged) if fact.why}  # type: ignore[attr-defined]
        assert "5 people in a row found no agent" in why
        assert world.phones.ringing == set(), "phones ring no more for who is gone"
        dialler.stop()
        assert await running is CampaignState.STOPPED

    run(story())


def test_who_hangs_up_while_he_waits_is_not_counted_as_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(behave=lambda agent: ("answer", 1.5), agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 1).run())
        await until(lambda: bool(world.legs))
        await asyncio.sleep(0.5)
        world.legs[0].far_end_hangs_up()
        assert await running is CampaignState.FINISHED
        assert world.results() == ["hung_up"]
        assert world.apologies() == []

    run(story())


@pytest.mark.parametrize("how", ["pause", "stop", "hang_up"])
def test_who_has_answered_is_served_or_told_whatever_becomes_of_the_campaign(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        world = World(behave=lambda agent: ("answer", 1.0 if agent == "a" else 9.0))
        world.patched(monkeypatch)
        world.ready("a", "b")
        dialler = world.campaign("visits", 3)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: len(world.legs) == 2)
        if how == "pause":
            dialler.pause()
        else:
            dialler.stop(hang_up=how == "hang_up")
        await until(lambda: len(world.results()) == 2)
        assert sorted(world.results()) == ["abandoned", "talked"]
        assert len(world.apologies()) == 1
        assert len(world.dialled) == 2
        dialler.stop()
        await running

    run(story())


def test_stop_with_hang_up_ends_what_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World()
        world.patched(monkeypatch)
        world.ready("a", "b")
        dialler = world.campaign("visits", 3)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: world.ringing == 2)
        dialler.stop(hang_up=True)
        assert await running is CampaignState.STOPPED
        assert world.results() == ["interrupted"] * 2
        assert world.ringing == 0

    run(story())


def test_callers_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody waits for the agents, nobody is dialled for them."""

    async def story() -> None:
        world = World(OUT, INBOUND)
        world.patched(monkeypatch)
        world.ready("a", "b")
        callers = [
            asyncio.ensure_future(
                world.distributor.serve(FakeLeg(f"caller {place}"), "sales", number="1")  # type: ignore[arg-type]
            )
            for place in range(3)
        ]
        running = asyncio.ensure_future(world.campaign("visits", 2).run())
        await asyncio.sleep(30)
        assert world.dialled == []
        first, second = [call.result() for call in callers if call.done()]
        assert isinstance(first, Connected) and isinstance(second, Connected)
        await first.leg.hang_up()  # the third caller has this agent
        await asyncio.sleep(30)
        assert callers[2].done() and world.dialled == []
        await second.leg.hang_up()
        await until(lambda: bool(world.dialled))
        third = callers[2].result()
        assert isinstance(third, Connected)
        await third.leg.hang_up()
        assert await running is CampaignState.FINISHED
        assert world.results() == ["talked"] * 2

    run(story())


def test_who_was_called_goes_before_callers_for_his_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """He was dialled for a free agent whom a caller then took; the next one who is free is his, callers wait on."""

    async def story() -> None:
        world = World(replace(OUT, agents=("a",)), replace(INBOUND, agents=("a",)), agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 1).run())
        await until(lambda: world.ringing == 1)
        first, second = (
            asyncio.ensure_future(world.distributor.serve(FakeLeg(name), "sales", number="1"))  # type: ignore[arg-type]
            for name in ("first", "second")
        )
        await until(lambda: bool(world.legs))  # he answers: the agent talks with the first caller, the second waits
        talk = first.result()
        assert isinstance(talk, Connected)
        await talk.leg.hang_up()
        await until(lambda: bool(world.met))
        assert not second.done()
        assert await running is CampaignState.FINISHED
        assert world.results() == ["talked"]
        await asyncio.sleep(30)
        assert second.done(), "and the caller has the agent after him"

    run(story())


def test_campaigns_of_the_same_agents_share_them(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(replace(OUT, name="one"), replace(OUT, name="two"))
        world.patched(monkeypatch)
        world.ready("a", "b")
        first, second = world.campaign("visits", 6, queue="one"), world.campaign("offers", 6, queue="two")
        await asyncio.gather(first.run(), second.run())
        assert world.results() == ["talked"] * 12
        assert world.most_ringing == 2, "no agent is counted on twice"
        turns = ["visits" if int(number[-9:]) < 6 else "offers" for _, number in world.dialled]
        assert turns[2:9] == ["offers", "visits"] * 3 + ["offers"], "in turn, once both are there"

    run(story())


def test_for_who_was_abandoned_before_an_agent_is_kept_free(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        chance = random.Random(3)
        world = World(
            fate=lambda number: ("answer", 8.0) if number.endswith("0") or chance.random() < 0.2 else ("silent", 0.0),
            agents=tuple("abcdef"),
        )
        world.patched(monkeypatch)
        world.ready(*"abcdef")
        dialler = world.campaign("visits", 40, predictive=True)
        claim, asked = world.contacts.claim, []

        async def careful(campaign: str, **told: object) -> object:
            asked.append(told["terms"].ready)  # type: ignore[attr-defined]
            found = await claim(campaign, **told)  # type: ignore[arg-type]
            return replace(found, spared=found.id == 1) if isinstance(found, Contact) else found

        monkeypatch.setattr(world.contacts, "claim", careful)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: len(world.dialled) >= 2)
        flying = world.flights.of({"out"})
        assert flying.kept == 1 and flying.calls == len(world.dialled) - 1
        assert asked[0] is True, "an agent is free for the first"
        await running
        first = next(after_s for number, _, after_s in world.met if number.endswith("0000"))
        assert first < 2.0

    run(story())


def test_who_was_promised_a_call_by_an_agent_has_him_if_he_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(replace(OUT, wrap_up_s=0.0))
        world.patched(monkeypatch)
        claim = world.contacts.claim

        async def promised(campaign: str, **told: object) -> object:
            found = await claim(campaign, **told)  # type: ignore[arg-type]
            return replace(found, wanted_agent="b") if isinstance(found, Contact) else found

        monkeypatch.setattr(world.contacts, "claim", promised)
        world.ready("a", "b")
        await world.campaign("visits", 3, lines=1).run()
        assert [agent for _, agent, _ in world.met] == ["b"] * 3, "though the other has waited longer"
        world.distributor.sign_out("b")
        await world.campaign("offers", 1, lines=1).run()
        assert world.met[-1][1] == "a"

    run(story())


def test_an_afternoon_of_predictive_dialling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is dialled, each person who answers is accounted for, and the cap is kept."""

    async def story() -> None:
        chance = random.Random(7)
        fates: dict[str, Fate] = {}

        def fate(number: str) -> Fate:
            drawn = chance.random()
            if drawn < 0.3:
                return fates.setdefault(number, ("answer", 4.0 + 14.0 * chance.random()))
            return ("busy", 1.0) if drawn < 0.5 else ("silent", 0.0)

        agents = tuple("abcdefgh")
        world = World(fate=fate, agents=agents, talk_s=lambda: min(chance.lognormvariate(4.7, 0.6), 900.0))
        world.patched(monkeypatch)
        world.ready(*agents)
        dialler = world.campaign("visits", 400, predictive=True)
        assert await dialler.run() is CampaignState.FINISHED
        results = world.results()
        people = results.count("talked") + results.count("abandoned")
        assert len(results) == 400
        assert people == len(fates) == len(world.legs)
        assert len(world.apologies()) == results.count("abandoned") <= 0.03 * people + 1
        assert max(after_s for _, _, after_s in world.met) <= 2.0
        took_s = asyncio.get_running_loop().time()
        busy = sum(1 for _ in world.met) * (120 + 10)
        assert busy / (took_s * len(agents)) > 0.6, "agents talk most of the time"
        assert world.ahead > 20, "more calls than agents are free"

    run(story())


def test_an_agent_who_pauses_after_his_talk_is_not_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(agents=("a",), talk_s=lambda: 100.0)
        world.patched(monkeypatch)
        world.ready("a")
        dialler = world.campaign("visits", 2)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: bool(world.met))
        world.distributor.pause("a", "lunch")
        await asyncio.sleep(90)
        assert len(world.dialled) == 1
        world.distributor.set_available("a")
        await running
        assert world.results() == ["talked"] * 2

    run(story())
