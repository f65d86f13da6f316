"""Every way that a call can take through a real ``line400 serve``; prompts are tones, so what is heard is measured."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio

from core.errors import CallRejected
from service.demo.people import CLIPS
from service.demo.softphone import PhoneCall
from telephony.media.clips import load_clip
from telephony.media.codecs import PCMA
from tests.interop.handset import Handset
from tests.interop.house import (
    AGENT_HZ,
    CALLER_HZ,
    CLIP_S,
    KEYS,
    House,
    Person,
    hears,
    last_heard,
    write_flow,
    write_prompts,
)
from tests.interop.line import CARRIER, Json, serving
from tests.interop.sound import channels, resembles, share_of_tone
from tests.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]
NARROW = "127.0.0.3"
"""The carrier with one channel."""
FADING = "130"
"""An agent whose phone registers for half a minute and then is silent."""
QUEUES = {
    "abandon": '["101"]', "refuse": '["102", "103"]', "slow": '["104", "105"]', "wrap": '["106"]', "hold": '["107"]',
    "place": '["108"]', "plain": '["109"]', "presence": '["110"]', "fading": f'["{FADING}"]', "late": '["112"]',
    "secret": '["113"]', "stranger": '["114"]', "narrow": '["115"]',
    "rated": '["118"]', "disposed": '["119"]',
}  # fmt: skip
DIRECT = ("116", "117")
LONELY = dict.fromkeys(KEYS.values(), "[]")


@dataclass
class Desk:
    """The shared line with both carriers."""

    house: House
    carrier: Handset
    narrow: Handset
    fades_at: float


def _settings(folder: Path, ports: dict[str, int]) -> tuple[str, dict[str, str]]:
    queues = "".join(
        f'[[queue]]\nname = "{name}"\nagents = {agents}\nwrap_up_s = 1\nannounce_every_s = 60\n'
        + (f"ring_timeout_s = {3 if name == 'slow' else 8}\n")
        + ('rating = "rating"\n' if name == "rated" else "")
        + ('disposition = "required"\n' if name == "disposed" else "")
        for name, agents in {**QUEUES, **LONELY}.items()
    )
    queues += '[[queue]]\nname = "full"\nmax_wait_s = 1\noverflow = "voicemail:overflow"\n'
    queues += '[[queue]]\nname = "shut"\nhours = "never"\n'
    queues += 'closed = ["say:closed_hours", "queue:manned", "queue:keyed"]\n'
    queues += '[[queue]]\nname = "manned"\nenter_while = "signed-in"\n'
    queues += '[[queue]]\nname = "keyed"\nkeys = ["9 -> say:menu_main, hangup"]\nmusic = ["beep"]\n'
    ids = [*(agent.strip('[]" ') for agents in QUEUES.values() for agent in agents.split(",")), *DIRECT]
    agents = "".join(f'[[agent]]\nid = "{agent}"\npassword = "phone-{agent}"\n' for agent in ids)
    numbers = {
        to: f"400801{count:04d}"
        for count, to in enumerate(
            [
                "flow:day",
                "flow:night",
                *(f"queue:{name}" for name in (*QUEUES, "full", "shut")),
                *(f"agent:{id}" for id in DIRECT),
            ]
        )
    }
    called = "".join(f'[[number]]\nnumber = "{number}"\nto = "{to}"\n' for to, number in numbers.items())
    numbers["unrecorded"] = "4008019999"
    called += f'[[number]]\nnumber = "{numbers["unrecorded"]}"\nto = "queue:secret"\nrecord = false\n'
    trunks = "".join(
        f'[[trunk]]\nname = "{name}"\nhost = "{host}"\nport = {ports[host]}\nmax_calls = {channels}\n'
        for name, host, channels in (("carrier", CARRIER, 30), ("narrow", NARROW, 1))
    )
    flows = "".join(
        f'[[flow]]\nname = "{name}"\nfile = "{write_flow(folder / f"{name}.toml", calendar)}"\n'
        f'[[hours]]\nname = "{calendar}"\nopen = {hours}\nholidays = ""\n'
        for name, calendar, hours in (("day", "always", '["daily 00:00-24:00"]'), ("night", "never", "[]"))
    )
    codes = '[[disposition]]\ncode = "booked"\nzh = "已预约"\nqueues = ["disposed"]\nfields = ["plate"]\n'
    return trunks + agents + queues + codes + called + flows, numbers


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("journeys")
    prompts = write_prompts(folder / "prompts")
    ports = {host: free_port(host) for host in (CARRIER, NARROW)}
    more, numbers = _settings(folder, ports)
    async with serving(folder, more, top=f'prompts = "{prompts}"\n') as line:
        house = House(line, numbers)
        following = asyncio.create_task(house.follow())
        async with house.carrier(ports[CARRIER]) as carrier, house.carrier(ports[NARROW], NARROW) as narrow:
            fading = Person(house, FADING)
            await fading.phone.start()
            await asyncio.sleep(0.3)  # until the events flow
            await fading.phone.register(expires_s=30)
            fades_at = asyncio.get_running_loop().time() + 30
            await line.set_agent(FADING, "available")
            await house.until_agent(FADING, "available")
            yield Desk(house, carrier, narrow, fades_at)
            await fading.phone.close()
        following.cancel()


async def _calls(desk: Desk, to: str) -> tuple[PhoneCall, str]:
    """A new caller calls the number that leads to ``to``: his call once answered, and his number."""
    caller = desk.house.caller()
    return await desk.carrier.call(desk.house.numbers[to], caller), caller


# The menu


@pytest.mark.parametrize(("key", "queue"), KEYS.items())
async def test_a_key_leads_to_its_queue(desk: Desk, key: str, queue: str) -> None:
    call, caller = await _calls(desk, "flow:day")
    await hears(call, "welcome", "menu_main")
    call.voice.press(key)
    await desk.house.until(caller, "queue.entered", queue=queue)
    await hears(call, "queue_busy", "hold_music")
    call.hang_up()
    await desk.house.until(caller, "queue.left", outcome="abandoned")
    await desk.house.until(caller, "call.ended", reason="normal", by="caller")


@pytest.mark.parametrize("key", ["1", "3"])
async def test_a_key_by_sip_info(desk: Desk, key: str) -> None:
    call, caller = await _calls(desk, "flow:day")
    await hears(call, "menu_main")
    desk.carrier.press_by_info(call, key)
    await desk.house.until(caller, "queue.entered", queue=KEYS[key])
    call.hang_up()


async def test_the_repeat_key_says_the_menu_again(desk: Desk) -> None:
    call, caller = await _calls(desk, "flow:day")
    await hears(call, "menu_main")
    await asyncio.sleep(CLIP_S)  # to its end
    call.voice.press("*")
    await hears(call, "menu_main")
    call.voice.press("2")
    await desk.house.until(caller, "queue.entered", queue="service")
    assert desk.house.facts(caller, "ivr.failed") == []
    call.hang_up()


async def test_a_wrong_key_is_said_to_be_wrong(desk: Desk) -> None:
    call, caller = await _calls(desk, "flow:day")
    await hears(call, "menu_main")
    call.voice.press("9")
    await hears(call, "invalid_input", "menu_main")
    call.voice.press("1")
    await desk.house.until(caller, "queue.entered", queue="sales")
    assert [fact["why"] for fact in desk.house.facts(caller, "ivr.failed")] == ["invalid"]
    call.hang_up()


async def test_silence_leads_to_the_fallback(desk: Desk) -> None:
    call, caller = await _calls(desk, "flow:day")
    await hears(call, "menu_main", "no_input", "menu_main", "queue_busy", timeout_s=10)
    await desk.house.until(caller, "queue.entered", queue="general")
    assert [fact["why"] for fact in desk.house.facts(caller, "ivr.failed")] == ["no_input", "no_input"]
    call.hang_up()


@pytest.mark.parametrize("prompt", ["welcome", "menu_main"])
async def test_a_caller_hangs_up_in_the_flow(desk: Desk, prompt: str) -> None:
    call, caller = await _calls(desk, "flow:day")
    await hears(call, prompt)
    call.hang_up()
    await desk.house.until(caller, "ivr.left", outcome="caller_hung_up")
    await desk.house.until(caller, "call.ended", reason="normal", by="caller")
    assert desk.house.facts(caller, "queue.entered") == []


# The queue


async def test_a_caller_hangs_up_while_an_agents_phone_rings(desk: Desk) -> None:
    async with desk.house.person("101") as agent:
        call, caller = await _calls(desk, "queue:abandon")
        ringing = await agent.rung()
        await hears(call, "transferring")
        call.hang_up()
        await asyncio.wait_for(ringing.ended, 1.0)  # the phone stops ringing
        await desk.house.until(caller, "queue.left", outcome="abandoned")
        await desk.house.until(caller, "offer.ended", result="withdrawn")
        await desk.house.until(caller, "call.ended", reason="normal", by="caller")
        await desk.house.until_agent("101", "available")
        assert agent.calls.empty()


async def test_who_refuses_is_passed_over_for_the_next(desk: Desk) -> None:
    async with desk.house.person("102") as first, desk.house.person("103") as second:
        call, caller = await _calls(desk, "queue:refuse")
        (await first.rung()).refuse(486)  # idle for longest, so rung first
        answered = await second.takes()
        desk.house.speak(call, CALLER_HZ)
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        answered.hang_up()
        await asyncio.wait_for(call.ended, 2)
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        offers = [(fact["agent"], fact["result"]) for fact in desk.house.facts(caller, "offer.ended")]
        assert offers == [("102", "refused"), ("103", "accepted")]
        await desk.house.until(caller, "queue.left", outcome="answered", agent="103")


async def test_who_does_not_answer_is_passed_over_and_paused_after_two_misses(desk: Desk) -> None:
    async with desk.house.person("104") as absent, desk.house.person("105") as second:
        call, caller = await _calls(desk, "queue:slow")
        ringing = await absent.rung()
        assert second.calls.empty()
        answered = await second.takes()
        assert ringing.ended.done(), "only one phone rings at a time"
        await hears(call, "agent")
        await desk.house.until(caller, "offer.ended", result="timed_out", agent="104")
        other, other_caller = await _calls(desk, "queue:slow")  # 105 talks: 104 is rung again, and misses again
        await absent.rung()
        paused = await desk.house.until_agent("104", "paused")
        assert paused["reason"] == "rona"
        answered.hang_up()  # after the wrap-up 105 takes the other caller as well
        again = await second.takes()
        await hears(other, "agent")
        other.hang_up()
        await asyncio.wait_for(again.ended, 1.0)
        await desk.house.until(other_caller, "queue.left", outcome="answered", agent="105")


async def test_after_a_talk_the_agent_wraps_up_and_is_then_available(desk: Desk) -> None:
    async with desk.house.person("106") as agent:
        call, caller = await _calls(desk, "queue:wrap")
        answered = await agent.takes()
        await desk.house.until_agent("106", "talking")
        await hears(call, "agent")
        call.hang_up()
        await asyncio.wait_for(answered.ended, 1.0)
        loop = asyncio.get_running_loop()
        await desk.house.until_agent("106", "wrap_up")
        began = loop.time()
        await desk.house.until_agent("106", "available")
        assert loop.time() - began == pytest.approx(1.0, abs=0.4)
        await desk.house.until(caller, "call.ended", reason="normal", by="caller")


async def test_a_wrap_up_waits_until_it_is_said_what_came_of_the_call(desk: Desk) -> None:
    async with desk.house.person("119") as agent:
        call, caller = await _calls(desk, "queue:disposed")
        answered = await agent.takes()
        await desk.house.until(caller, "talk.started", agent="119")
        call.hang_up()
        await asyncio.wait_for(answered.ended, 1.0)
        await desk.house.until_agent("119", "wrap_up")
        await desk.house.until(caller, "call.ended")
        line = desk.house.line
        work = cast("Json", cast("Json", await line.api.get("/agents/119/desk"))["work"])
        call_id = work["call_id"]
        assert cast("Json", work["wrap_up"])["owed"]
        said = {"code": "booked", "plate": "沪a 12345"}
        [one] = cast("list[Json]", await line.api.send("POST", f"/calls/{call_id}/disposition", said))
        assert (one["agent"], one["queue"], one["plate"]) == ("119", "disposed", "沪A12345")
        await desk.house.until_agent("119", "available")
        found = cast("Json", await line.api.get("/calls?disposition=booked"))
        assert [row["id"] for row in cast("list[Json]", found["items"])] == [call_id]


async def test_a_caller_who_is_not_satisfied_is_looked_after(desk: Desk) -> None:
    api = desk.house.line.api
    async with desk.house.person("118") as agent:
        call, caller = await _calls(desk, "queue:rated")
        answered = await agent.takes()
        await hears(call, "agent")
        answered.hang_up()
        await hears(call, "rate_service")
        await desk.house.until_agent("118", "wrap_up")  # the agent waits for nobody's score
        call.voice.press("1")
        given = await desk.house.until(caller, "rating.given")
        assert (given["queue"], given["agent"], given["score"], given["best"]) == ("rated", "118", 1, 5)
        await hears(call, "thanks_rating")
        await asyncio.wait_for(call.ended, 5)
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        opened = await desk.house.until(caller, "task.opened", kind="low_rating", detail="1/5")
        page = cast("Json", await api.get("/tasks"))
        [task] = cast("list[Json]", page["items"])
        assert (task["id"], task["call_id"], page["open"]) == (opened["task"], desk.house.call_of(caller), 1)
        await api.send("PUT", f"/tasks/{task['id']}/owner", {"owner": "118"})
        taken = await desk.house.until(caller, "task.taken")
        assert (taken["owner"], taken["by"]) == ("118", "admin")
        [mine] = cast("list[Json]", cast("Json", await api.get("/tasks?owner=118"))["items"])
        assert (mine["id"], mine["owner"]) == (task["id"], "118")
        await api.send("POST", f"/tasks/{task['id']}/close", {"note": "已致电道歉"})
        assert cast("Json", await api.get("/tasks"))["items"] == []
        [closed] = cast("list[Json]", cast("Json", await api.get("/tasks?state=closed"))["items"])
        assert (closed["closed_by"], closed["note"]) == ("admin", "已致电道歉")
        ratings = cast("Json", cast("Json", await api.get("/reports/ratings"))["total"])
        assert (ratings["asked"], ratings["rated"], ratings["mean"], ratings["csat"]) == (1, 1, 1.0, 0.0)


async def test_who_hangs_up_first_is_not_asked(desk: Desk) -> None:
    async with desk.house.person("118") as agent:
        call, caller = await _calls(desk, "queue:rated")
        answered = await agent.takes()
        await hears(call, "agent")
        call.hang_up()
        await asyncio.wait_for(answered.ended, 2)
        await desk.house.until(caller, "call.ended", reason="normal", by="caller")
        assert desk.house.facts(caller, "rating.asked") == []


async def test_hold_plays_music_to_the_caller_and_is_counted(desk: Desk) -> None:
    async with desk.house.person("107") as agent:
        call, caller = await _calls(desk, "queue:hold")
        answered = await agent.takes()
        desk.house.speak(call, CALLER_HZ)
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        agent.phone.hold(answered)
        await desk.house.until(caller, "talk.held", agent="107")
        await hears(call, "hold_music")
        assert await last_heard(call) == ["hold_music"]
        assert await last_heard(answered, 0.3) == [], "who holds hears nothing"
        await asyncio.sleep(0.5)
        agent.phone.resume(answered)
        await desk.house.until(caller, "talk.resumed", agent="107")
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        assert await last_heard(call) == ["agent"]
        answered.hang_up()
        ended = await desk.house.until(caller, "talk.ended", agent="107")
        assert 1.3 < cast("float", ended["hold_s"]) < 4.0
        assert cast("float", ended["talk_s"]) > 0.4
        assert agent.phone.renegotiated == 2
        recorded = await desk.house.until(caller, "recording.finished")
    left, right = channels(desk.house.recording(recorded))
    assert share_of_tone(left, CALLER_HZ) > 0.9
    assert share_of_tone(right, AGENT_HZ) > 0.9, "hold music is not on the agent's channel"


async def test_the_second_in_line_is_told_his_place_and_his_wait(desk: Desk) -> None:
    async with desk.house.person("108") as agent:
        talking, _ = await _calls(desk, "queue:place")
        await agent.takes()
        await hears(talking, "agent")
        first, first_caller = await _calls(desk, "queue:place")
        second, second_caller = await _calls(desk, "queue:place")
        await asyncio.gather(
            hears(first, "queue_busy", "queue_first", "queue_wait_before", timeout_s=8),
            hears(
                second,
                "queue_busy", "queue_position_before", "d1", "queue_position_after", "queue_wait_before", "minutes",
                "hold_music", timeout_s=8,
            ),
        )  # fmt: skip
        told = await desk.house.until(second_caller, "queue.told", ahead=1)
        assert 0 < cast("float", told["low_s"]) < cast("float", told["wait_s"]) < cast("float", told["high_s"])
        await desk.house.until(first_caller, "queue.told", ahead=0)
        for call in (talking, first, second):
            call.hang_up()
        await desk.house.until(second_caller, "queue.left", outcome="abandoned")


async def test_who_waits_too_long_leaves_a_message(desk: Desk) -> None:
    call, caller = await _calls(desk, "queue:full")
    await desk.house.until(caller, "queue.left", outcome="overflowed")
    await hears(call, "leave_message", "beep")
    desk.house.speak(call, CALLER_HZ)
    await asyncio.sleep(1.0)
    call.hang_up()  # without the key that ends a message: it is kept all the same
    left = await desk.house.until(caller, "ivr.voicemail", box="overflow")
    assert cast("float", left["duration_s"]) > 0.5
    said, _ = channels(desk.house.recording(left))
    assert share_of_tone(said[1600:], CALLER_HZ) > 0.9


async def test_a_closed_queue_leads_on_to_one_that_is_manned_and_a_key_leads_out(desk: Desk) -> None:
    call, caller = await _calls(desk, "queue:shut")
    await hears(call, "closed_hours", "queue_busy", "beep")
    await desk.house.until(caller, "queue.closed", queue="shut", why="closed")
    await desk.house.until(caller, "queue.left", queue="manned", outcome="overflowed", why="unattended", wait_s=0.0)
    await desk.house.until(caller, "queue.entered", queue="keyed")
    call.voice.press("9")
    await hears(call, "menu_main")
    await asyncio.wait_for(call.ended, 3)
    await desk.house.until(caller, "queue.left", queue="keyed", outcome="left_by_key")


async def test_out_of_hours_speech_is_recorded_as_a_message(desk: Desk) -> None:
    speech = CLIPS / "service_2.zf_xiaoyi.wav"
    call, caller = await _calls(desk, "flow:night")
    await hears(call, "closed_hours", "leave_message", "beep")
    await asyncio.sleep(CLIP_S)  # the tone ends
    await call.voice.say(speech)
    call.voice.press("#")
    await hears(call, "message_saved")
    await asyncio.wait_for(call.ended, 3)
    await desk.house.until(caller, "call.ended", reason="normal", by="system")
    left = await desk.house.until(caller, "ivr.voicemail", box="night")
    said, _ = channels(desk.house.recording(left))
    assert resembles(said, PCMA.decode(load_clip(str(speech)).alaw)[:16000])


# One agent's own number


async def test_a_direct_number_rings_its_agent_who_is_busy_to_others_meanwhile(desk: Desk) -> None:
    async with desk.house.person("116") as agent:
        caller = desk.house.caller()
        call = await desk.carrier.dial(desk.house.numbers["agent:116"], caller)
        answered = await agent.takes()
        await asyncio.wait_for(call.decided.wait(), 3)
        desk.house.speak(call, CALLER_HZ)
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        await desk.house.until_agent("116", "talking")
        with pytest.raises(CallRejected) as refused:
            await desk.carrier.call(desk.house.numbers["agent:116"], desk.house.caller())
        assert refused.value.status == 486
        answered.hang_up()
        await desk.house.until(caller, "call.ended", reason="normal", by="agent")
        await desk.house.until(caller, "recording.finished")
        await desk.house.until_agent("116", "available")


async def test_a_direct_call_is_refused_as_the_phone_refuses_it(desk: Desk) -> None:
    async with desk.house.person("117") as agent:
        caller = desk.house.caller()
        call = await desk.carrier.dial(desk.house.numbers["agent:117"], caller)
        (await agent.rung()).refuse(486)
        assert await asyncio.wait_for(call.ended, 3) == 486
        await desk.house.until(caller, "call.ended", reason="busy", by="agent")
        call = await desk.carrier.dial(desk.house.numbers["agent:117"], caller := desk.house.caller())
        ringing = await agent.rung()
        call.hang_up()
        await asyncio.wait_for(ringing.ended, 1.0)
        await desk.house.until(caller, "call.ended", reason="cancelled", by="caller")
        await desk.house.until_agent("117", "available")


async def test_one_agents_phone_calls_another(desk: Desk) -> None:
    async with desk.house.person("116") as caller, desk.house.person("117") as agent:
        call = await caller.phone.dial(desk.house.numbers["agent:117"])
        answered = await agent.takes()
        await asyncio.wait_for(call.decided.wait(), 3)
        await hears(call, "agent")
        started = desk.house.facts("116", "call.started")
        assert (started[0]["direction"], started[0]["trunk"]) == ("internal", "")
        call.hang_up()
        await asyncio.wait_for(answered.ended, 2)


# Who may come in


async def test_an_unknown_number_is_not_found(desk: Desk) -> None:
    with pytest.raises(CallRejected) as refused:
        await desk.carrier.call("4007777777", caller := desk.house.caller())
    assert refused.value.status == 404
    await desk.house.until(caller, "call.ended", reason="not_found", by="system")


async def test_a_stranger_rings_nobody(desk: Desk) -> None:
    async with desk.house.person("114") as agent, desk.house.carrier(0, "127.0.0.9") as stranger:
        caller = desk.house.caller()
        with pytest.raises(CallRejected) as refused:
            await stranger.call(desk.house.numbers["queue:stranger"], caller)
        assert refused.value.status == 401
        with pytest.raises(CallRejected) as wrong:
            pretender = Handset(desk.house.server, "114", "guessed")
            await pretender.start()
            try:
                await pretender.call(desk.house.numbers["queue:stranger"])
            finally:
                await pretender.close()
        assert wrong.value.status in {401, 403}
        assert desk.house.facts(caller) == []
        assert agent.calls.empty()


async def test_a_wrong_password_registers_nothing(desk: Desk) -> None:
    async with desk.house.person("115", ready=False, password="guessed") as agent:
        with pytest.raises(CallRejected):
            await agent.phone.register()
        await desk.house.line.set_agent("115", "available")
        call, caller = await _calls(desk, "queue:narrow")
        await hears(call, "queue_busy")
        call.hang_up()
        await desk.house.until(caller, "queue.left", outcome="abandoned")
        assert desk.house.facts(caller, "offer.made") == []


async def test_a_trunk_whose_channels_are_in_use_takes_no_more(desk: Desk) -> None:
    number = desk.house.numbers["flow:day"]
    first = await desk.narrow.call(number, desk.house.caller())
    with pytest.raises(CallRejected) as refused:
        await desk.narrow.call(number, desk.house.caller())
    assert refused.value.status == 503
    first.hang_up()
    await asyncio.sleep(0.2)
    (await desk.narrow.call(number, desk.house.caller())).hang_up()


# Phones come and go


async def test_registration_decides_who_can_be_rung(desk: Desk) -> None:
    async with desk.house.person("110") as agent:
        await agent.phone.register()  # a refresh changes nothing
        await agent.phone.register(expires_s=0)
        await desk.house.until_agent("110", "offline", timeout_s=1.0)
        call, caller = await _calls(desk, "queue:presence")
        await hears(call, "queue_busy")
        assert desk.house.facts(caller, "offer.made") == []
        await agent.phone.register()
        answered = await agent.takes()
        await hears(call, "agent")
        call.hang_up()
        await asyncio.wait_for(answered.ended, 1.0)


async def test_a_caller_without_an_offer_is_heard_and_hears(desk: Desk) -> None:
    async with desk.house.person("112") as agent:
        caller = desk.house.caller()
        call = await desk.carrier.dial_late(desk.house.numbers["queue:late"], caller)
        answered = await agent.takes()
        await asyncio.wait_for(call.decided.wait(), 3)
        desk.house.speak(call, CALLER_HZ)
        await asyncio.gather(hears(call, "agent"), hears(answered, "caller"))
        await asyncio.sleep(0.5)
        answered.hang_up()
        await asyncio.wait_for(call.ended, 2)
        left, right = channels(desk.house.recording(await desk.house.until(caller, "recording.finished")))
    assert share_of_tone(left[800:], CALLER_HZ) > 0.9
    assert share_of_tone(right[800:], AGENT_HZ) > 0.9


@pytest.mark.parametrize(("to", "recordings"), [("queue:secret", 1), ("unrecorded", 0)])
async def test_only_numbers_that_are_to_be_recorded_are(desk: Desk, to: str, recordings: int) -> None:
    async with desk.house.person("113") as agent:
        call, caller = await _calls(desk, to)
        answered = await agent.takes()
        await hears(call, "agent")
        answered.hang_up()
        await desk.house.until(caller, "call.ended")
        if recordings:
            await desk.house.until(caller, "recording.finished")
        assert len(desk.house.facts(caller, "recording.started")) == recordings
        detail = await desk.house.line.call(desk.house.call_of(caller))
        assert len(cast("list[Json]", detail["recordings"])) == recordings


async def test_a_phone_whose_registration_runs_out_is_offered_nothing(desk: Desk) -> None:
    left_s = desk.fades_at - asyncio.get_running_loop().time()
    await desk.house.until_agent(FADING, "offline", timeout_s=max(0.0, left_s) + 3.0)
    call, caller = await _calls(desk, "queue:fading")
    await hears(call, "queue_busy")
    assert desk.house.facts(caller, "offer.made") == []
    call.hang_up()
