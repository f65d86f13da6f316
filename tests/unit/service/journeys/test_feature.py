"""Feature codes: what agents' phones ask for, what they hear of it, and who may not."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from acd.facts import AgentStatus
from acd.phone_facts import FeatureUsed
from acd.supervision_facts import SupervisionEnded, SupervisionStarted
from core.errors import LocalProtocolError, Unavailable
from ivr.prompts import Prompts
from service.config_phones import FeatureSettings
from service.feature_codes import Feature, Wish, wish_of
from service.journeys.inbound import inbound
from service.reception import Reception
from telephony.call import Call
from telephony.facts import CallEnded, TalkStarted
from telephony.incoming import IncomingLeg
from telephony.leg_life import LegName
from telephony.media.commands import Play
from telephony.negotiation import Terms
from telephony.switchboard import Arrival
from tests.unit.service.journeys.doubles import Desk, hangs_up, turn
from tests.unit.service.journeys.feature_doubles import Agents, features
from tests.unit.telephony.doubles import far_side


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.mark.parametrize(
    ("dialled", "wish"),
    [
        ("*51", Wish(Feature.AVAILABLE)),
        ("*52", Wish(Feature.PAUSE)),
        ("*523", Wish(Feature.PAUSE, "3")),
        ("*568001", Wish(Feature.LISTEN, "8001")),
        ("*511", Wish(None)),
        ("*99", Wish(None)),
        ("*", Wish(None)),
        ("51", None),
        ("", None),
    ],
)
def test_what_is_meant(dialled: str, wish: Wish | None) -> None:
    assert wish_of(dialled, FeatureSettings()) == wish


def test_a_code_may_be_another_or_none() -> None:
    settings = FeatureSettings(available="*1", pause="")
    assert wish_of("*1", settings) == Wish(Feature.AVAILABLE)
    assert wish_of("*52", settings) == Wish(None)


def from_phone(desk: Desk, dialled: str, agent: str = "101") -> Arrival:
    """The phone of ``agent`` dials a code, in a call and on a leg of its own."""
    leg = IncomingLeg(
        LegName("code", "c9", agent, "caller", agent),
        stack=desk.stack,
        room=desk.room,
        log=desk.log,
        session="s9",
        offer=far_side().offer(),
        terms=Terms(("PCMA",)),
    )
    return Arrival(Call("c9", desk.log), leg, agent, dialled, agent=agent)


async def dials(desk: Desk, dialled: str, agents: Agents, agent: str = "101") -> tuple[str, list[str]]:
    """What came of it by the log, and what was heard."""
    desk.media.finish_plays = True
    arrival = from_phone(desk, dialled, agent)
    Reception(desk.house, features(desk, agents)).welcome(arrival)
    await desk.settled()
    (used,) = desk.facts(FeatureUsed)
    assert isinstance(used, FeatureUsed) and used.agent == agent
    assert arrival.leg.end is not None and arrival.leg.end.by_us
    (ended,) = desk.facts(CallEnded)
    assert isinstance(ended, CallEnded) and (ended.reason, ended.by) == ("normal", "system")
    return used.outcome, [Path(str(sound)).stem for play in desk.media.of(Play) for sound in play.sounds]


@pytest.mark.parametrize(
    ("dialled", "status", "asked", "heard"),
    [
        ("*51", AgentStatus.OFFLINE, ("available", "101", ""), ["beep"]),
        ("*52", AgentStatus.AVAILABLE, ("paused", "101", "小休", "0", ""), ["beep", "d1"]),
        ("*522", AgentStatus.TALKING, ("paused", "101", "用餐", "1800", ""), ["beep", "d2"]),
        ("*53", AgentStatus.PAUSED, ("available", "101", ""), ["beep"]),
        ("*54", AgentStatus.PAUSED, ("offline", "101", ""), ["beep"]),
        ("*55", AgentStatus.WRAP_UP, ("wrap-up over", "101"), ["beep"]),
    ],
)
async def test_states_change_as_by_the_page(
    desk: Desk, dialled: str, status: AgentStatus, asked: tuple[str, ...], heard: list[str]
) -> None:
    agents = Agents()
    agents.status = status
    assert await dials(desk, dialled, agents) == ("done", heard)
    assert agents.asked == [asked]


@pytest.mark.parametrize(
    ("dialled", "outcome", "heard"),
    [
        ("*523", "wrong", "invalid_input"),  # there are two reasons
        ("*520", "wrong", "invalid_input"),
        ("*52*", "wrong", "invalid_input"),
        ("*99", "wrong", "invalid_input"),
        ("*53", "refused", "congestion"),  # he has not signed in
        ("*55", "refused", "congestion"),  # there is no wrap-up
        ("*56101", "refused", "congestion"),  # he is no supervisor
    ],
)
async def test_what_cannot_be_is_heard_and_changes_nothing(desk: Desk, dialled: str, outcome: str, heard: str) -> None:
    agents = Agents()
    agents.status = AgentStatus.OFFLINE
    assert await dials(desk, dialled, agents) == (outcome, [heard])
    assert agents.asked == []


async def test_a_house_may_say_it_in_its_own_words(desk: Desk, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "feature_pause.wav").write_bytes(Prompts().file("beep").read_bytes())
    desk.house = replace(desk.house, prompts=Prompts(own))
    assert await dials(desk, "*521", Agents()) == ("done", ["feature_pause", "d1"])


async def test_a_carrier_cannot(desk: Desk) -> None:
    agents = Agents()
    arrival = replace(from_phone(desk, "*51"), agent="", trunk="carrier")
    Reception(desk.house, features(desk, agents)).welcome(arrival)
    await desk.settled()
    assert (agents.asked, desk.facts(FeatureUsed)) == ([], [])


# Listening


async def talking(desk: Desk) -> "asyncio.Task[None]":
    """A caller talks with agent 101."""
    desk.connects(await desk.agent())
    journey = asyncio.create_task(inbound(desk.arrive("4000000001"), desk.house))
    await desk.until(TalkStarted)
    return journey


async def test_a_supervisor_listens_on_the_phone_that_dialled(desk: Desk) -> None:
    journey = await talking(desk)
    arrival = from_phone(desk, "*56101", "901")
    chief = await desk.agent("901", "chief")
    Reception(desk.house, features(desk)).welcome(arrival)
    await turn()
    assert desk.moving.moved == [("code", "c1")]
    desk.moving.outcome.set_result(chief)
    await arrival.leg.hang_up()  # the switchboard's mover ends the old leg so
    await turn()
    assert desk.facts(SupervisionStarted) == [SupervisionStarted("901", "chief", "listen", "101")]
    assert sorted(desk.media.legs["chief"].hears) == ["in", "out"]
    assert desk.facts(FeatureUsed) == [FeatureUsed("901", "listen", "done", "101")]
    hangs_up(chief)
    await turn()
    assert len(desk.facts(SupervisionEnded)) == 1
    assert desk.media.legs["out"].partner == "in", "their talk goes on"
    journey.cancel()
    await asyncio.wait({journey})
    await desk.settled()


async def test_a_phone_that_cannot_be_moved_is_hung_up(desk: Desk) -> None:
    journey = await talking(desk)
    arrival = from_phone(desk, "*56101", "901")
    desk.moving.outcome.set_exception(Unavailable("the far end does not agree"))
    Reception(desk.house, features(desk)).welcome(arrival)
    await turn()
    assert arrival.leg.end is not None and arrival.leg.end.by_us
    (ended,) = desk.facts(SupervisionEnded)
    assert isinstance(ended, SupervisionEnded) and ended.reason == "unavailable"
    journey.cancel()
    await asyncio.wait({journey})
    await desk.settled()


async def test_nobody_listens_to_who_does_not_talk(desk: Desk) -> None:
    assert await dials(desk, "*56101", Agents(), "901") == ("wrong", ["invalid_input"])


async def test_a_busy_supervisor_is_refused(desk: Desk) -> None:
    journey = await talking(desk)
    desk.queue.free = False
    with pytest.raises(LocalProtocolError, match="is busy"):
        await features(desk)._listen("901", "101", from_phone(desk, "*56101", "901").leg)
    journey.cancel()
    await asyncio.wait({journey})
    await desk.settled()
