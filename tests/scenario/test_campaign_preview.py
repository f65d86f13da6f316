"""Preview over the real call distribution: each contact is shown to one free agent first, and only if he wants it his
phone rings, then the contact's.
"""

import asyncio
from typing import cast

import pytest

from acd.facts import AgentStatus, QueueEntered
from acd.queues import QueueRules
from acd.served import Connected
from campaigns.attempt import Result
from campaigns.facts import AttemptEnded, AttemptStarted
from campaigns.gate import CampaignState
from campaigns.preview import Preview, PreviewTerms
from campaigns.preview_facts import PreviewDialled, PreviewOver, PreviewShown
from campaigns.rules.decide import told
from core.errors import LocalProtocolError
from telephony.facts import TalkStarted
from tests.scenario.campaign_world import World, until
from tests.unit.acd.doubles import FakeLeg
from tests.virtual_loop import run

TERMS = PreviewTerms(decide_s=60.0, again_s=1800.0)


def shown(world: World, agent: str) -> Preview:
    preview = world.previews.of(agent)
    assert preview is not None, f"nothing is shown to {agent}"
    return preview


async def dial(world: World, agent: str) -> Preview:
    await until(lambda: world.previews.of(agent) is not None)
    preview = shown(world, agent)
    await world.previews.dial(agent, preview.attempt.id)
    return preview


def how(world: World) -> list[str]:
    return [str(fact.how) for fact in world.log.facts(PreviewOver) if isinstance(fact, PreviewOver)]


def begun(world: World) -> list[AttemptStarted]:
    return [fact for fact in world.log.facts(AttemptStarted) if isinstance(fact, AttemptStarted)]


def ends(world: World) -> list[AttemptEnded]:
    return [fact for fact in world.log.facts(AttemptEnded) if isinstance(fact, AttemptEnded)]


def status(world: World, agent: str) -> AgentStatus:
    return world.distributor.view(agent).status


def test_read_then_his_phone_then_the_contacts_then_wrap_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 2, preview=TERMS).run())
        await until(lambda: world.previews.of("a") is not None)
        await asyncio.sleep(20)
        assert (world.dialled, world.phones.rung) == ([], []), "he reads"
        first = await dial(world, "a")
        await until(lambda: bool(world.dialled))
        assert (world.previews.of("a"), world.previews.called("a")) == (None, first), "he reads on while phones ring"
        await until(lambda: bool(world.met))
        (rung_at, agent, call_id), (dialled_at, number) = world.phones.rung[0], world.dialled[0]
        assert (agent, call_id, number) == ("a", first.call_id, first.contact.number)
        assert rung_at < dialled_at and world.phones.by_themselves == {"a"}
        assert world.met[0][1:] == ("a", 0.0), "the contact talks with him at once"
        await until(lambda: bool(world.results()))
        assert status(world, "a") is AgentStatus.WRAP_UP
        assert (world.previews.of("a"), world.previews.called("a")) == (None, None)
        second = await dial(world, "a")
        assert world.previews.called("a") is second
        world.log.post(second.call_id, TalkStarted("a", "out"))
        assert world.previews.called("a") is None, "the form is there"
        assert await running is CampaignState.FINISHED
        assert world.results() == ["talked"] * 2
        assert how(world) == ["dial"] * 2
        assert len(world.log.facts(PreviewDialled)) == 2
        assert world.log.facts(QueueEntered) == [], "nobody waited in the queue"
        assert all(leg.end is not None for leg in [*world.legs, *world.phones.legs])

    run(story())


def test_what_comes_of_the_form_is_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """In preview and without; where nothing was filled in they have talked."""

    async def story(preview: PreviewTerms | None) -> None:
        world = World(QueueRules("out", ("a",), wrap_up_s=0.0), agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 3, preview=preview).run())
        for result in (Result.COMPLETED, Result.PARTIAL, None):
            if preview is not None:
                await dial(world, "a")
            talks = len(world.met)
            await until(lambda talks=talks: len(world.met) > talks)  # type: ignore[misc]
            (attempt,) = {it.attempt for it in begun(world)} - {it.attempt for it in ends(world)}
            assert world.forms.put(attempt, result, "a")
            await until(lambda talks=talks: len(ends(world)) > talks)  # type: ignore[misc]
        assert await running is CampaignState.FINISHED
        assert world.results() == ["completed", "partial", "talked"]

    run(story(TERMS))
    run(story(None))


def test_no_two_agents_see_the_same_and_nobody_two(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World()
        world.patched(monkeypatch)
        world.ready("a", "b")
        dialler = world.campaign("visits", 5, preview=TERMS)
        other = world.campaign("offers", 5, preview=TERMS)
        running = [asyncio.ensure_future(one.run()) for one in (dialler, other)]
        await asyncio.sleep(30)
        seen = world.log.facts(PreviewShown)
        assert len(seen) == 2
        assert shown(world, "a").contact.id != shown(world, "b").contact.id
        with pytest.raises(LocalProtocolError):
            await world.previews.dial("a", shown(world, "b").attempt.id)
        for one in (dialler, other):
            one.stop()
        await asyncio.gather(*running)
        assert world.previews.of("a") is None and world.previews.of("b") is None
        assert [(fact.result, fact.again_at) for fact in ends(world)] == [("withdrawn", None)] * 2
        assert list(world.contacts.states.values()) == ["pending"] * 10
        assert status(world, "a") is AgentStatus.AVAILABLE

    run(story())


def test_whoever_may_not_be_called_any_more_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        dialler = world.campaign("visits", 1, preview=TERMS)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: world.previews.of("a") is not None)
        world.contacts.ruling = told(allowed=False, rule="refused", not_before=None)
        with pytest.raises(LocalProtocolError, match="客户已拒绝"):
            await dial(world, "a")
        await until(lambda: how(world) != [])
        assert (how(world)[0], world.dialled) == ("barred", [])
        assert [(fact.result, fact.again_at) for fact in ends(world)][:1] == [("withdrawn", None)]
        assert world.contacts.terms[-1].ready, "the agent is there"
        dialler.stop()
        await running

    run(story())


def test_skipped_goes_behind_the_others_and_comes_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(QueueRules("out", ("a",), wrap_up_s=0.0), agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 2, preview=TERMS).run())
        await until(lambda: world.previews.of("a") is not None)
        skipped = shown(world, "a")
        world.previews.skip("a", skipped.attempt.id, "not now")
        began = world.clock.now()
        second = await dial(world, "a")
        assert second.contact.id != skipped.contact.id
        again = await dial(world, "a")
        assert again.contact.id == skipped.contact.id and again.contact.past.tried == ()
        assert world.clock.now() - began >= 1800
        assert await running is CampaignState.FINISHED
        (told,) = [fact for fact in world.log.facts(PreviewOver) if cast("PreviewOver", fact).how == "skipped"]
        assert isinstance(told, PreviewOver) and told.reason == "not now" and told.again_at is not None
        assert world.results() == ["withdrawn", "talked", "talked"]

    run(story())


def test_who_does_not_decide_in_time_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        dialler = world.campaign("visits", 3, preview=TERMS)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: world.previews.of("a") is not None)
        late = shown(world, "a")
        await until(lambda: bool(world.results()))
        assert late.until <= world.clock.now() <= late.until + 1
        view = world.distributor.view("a")
        assert (view.status, view.reason) == (AgentStatus.PAUSED, "preview")
        with pytest.raises(LocalProtocolError):
            await world.previews.dial("a", late.attempt.id)
        await asyncio.sleep(300)
        assert len(world.log.facts(PreviewShown)) == 1, "the list does not go round at an empty desk"
        assert (how(world), world.dialled) == (["timed_out"], [])
        dialler.stop()
        await running

    run(story())


def test_by_hand_he_has_as_long_as_he_likes_and_the_rules_decide_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(QueueRules("out", ("a",), wrap_up_s=0.0), agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        dialler = world.campaign("visits", 2, preview=PreviewTerms(600.0, 1800.0, manual=True))
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: world.previews.of("a") is not None)
        first = shown(world, "a")
        await asyncio.sleep(1500)
        still = shown(world, "a")
        assert (status(world, "a"), world.dialled) == (AgentStatus.AVAILABLE, [])
        assert still.manual and still.contact.id == first.contact.id and still.attempt.id != first.attempt.id
        assert how(world) == ["renewed"] * 2 and world.results() == ["withdrawn"] * 2
        world.previews.skip("a", still.attempt.id, "next")
        second = await dial(world, "a")
        assert second.contact.id != first.contact.id
        await dial(world, "a")
        assert await running is CampaignState.FINISHED
        assert world.results()[2:] == ["withdrawn", "talked", "talked"]

    run(story())


def test_a_caller_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What he read goes back at once, to the next agent who is free."""

    async def story() -> None:
        world = World(
            QueueRules("out", ("a", "b"), wrap_up_s=0.0), QueueRules("sales", ("a",), wrap_up_s=0.0), agents=("a", "b")
        )
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 1, preview=TERMS).run())
        await until(lambda: world.previews.of("a") is not None)
        talk = await world.distributor.serve(FakeLeg("caller"), "sales", number="1")  # type: ignore[arg-type]
        assert isinstance(talk, Connected)
        await until(lambda: bool(world.results()))
        assert (how(world), world.results()) == (["taken"], ["withdrawn"])
        world.ready("b")
        await dial(world, "b")
        assert await running is CampaignState.FINISHED
        assert world.results() == ["withdrawn", "talked"]
        assert [agent for _, agent, _ in world.met] == ["b"]

    run(story())


def test_who_does_not_pick_up_calls_nobody_and_nobody_is_rung_for_him(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        acts = {"a": ("refuse", 1.0), "b": ("answer", 0.2)}
        world = World(behave=lambda agent: acts[agent])
        world.patched(monkeypatch)
        world.ready("a", "b")
        dialler = world.campaign("visits", 1, preview=TERMS)
        running = asyncio.ensure_future(dialler.run())
        await until(lambda: world.previews.of("a") is not None or world.previews.of("b") is not None)
        if world.previews.of("a") is None:  # he is to be the one
            world.previews.skip("b", shown(world, "b").attempt.id, "-")
            await until(lambda: world.previews.of("a") is not None)
        await dial(world, "a")
        await until(lambda: bool(world.results()))
        assert world.results() == ["withdrawn"] and world.dialled == []
        assert world.previews.called("a") is None
        assert {agent for _, agent, _ in world.phones.rung} == {"a"}
        dialler.stop()
        await running
        assert world.contacts.states == {1: "pending"}

    run(story())


@pytest.mark.parametrize(("fate", "result"), [("busy", "busy"), ("silent", "no_answer")])
def test_a_contact_who_is_not_reached(fate: str, result: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(fate=lambda number: (fate, 2.0), agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 1, preview=TERMS).run())
        await dial(world, "a")
        assert await running is CampaignState.FINISHED
        assert world.results() == [result]
        assert [leg.end is not None for leg in world.phones.legs] == [True]
        assert status(world, "a") is AgentStatus.WRAP_UP
        assert world.previews.called("a") is None

    run(story())


def test_the_agent_hangs_up_while_it_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World(agents=("a",))
        world.patched(monkeypatch)
        world.ready("a")
        running = asyncio.ensure_future(world.campaign("visits", 1, preview=TERMS).run())
        await dial(world, "a")
        await until(lambda: world.ringing == 1)
        world.phones.legs[0].far_end_hangs_up()
        await until(lambda: bool(world.results()))
        assert (world.results(), world.ringing, world.met) == (["interrupted"], 0, [])
        await running

    run(story())


def test_a_pause_takes_back_what_is_read_but_not_what_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        world = World()
        world.patched(monkeypatch)
        world.ready("a", "b")
        dialler = world.campaign("visits", 2, preview=TERMS)
        running = asyncio.ensure_future(dialler.run())
        await dial(world, "a")
        await until(lambda: world.ringing == 1 and world.previews.of("b") is not None)
        dialler.pause()
        await until(lambda: world.results() == ["withdrawn"])
        assert world.previews.of("b") is None
        await until(lambda: world.results() == ["withdrawn", "talked"])
        dialler.resume()
        await dial(world, "b")
        assert await running is CampaignState.FINISHED

    run(story())
