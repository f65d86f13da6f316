"""Listening to calls that we make: what ends an attempt early, what is taken for a machine, and what goes on."""

import asyncio
from collections.abc import Callable, Collection

import pytest

from asr.progress import classifier
from asr.progress.announcements import shipped
from asr.progress.verdict import What
from asr.progress.words import Words
from asr.protocol import Heard, Hearing, NothingHeard, SoundsLike, SpeechStarted
from campaigns.attempt import Announced
from core.errors import CallRejected, TransactionTimeout, Unavailable
from core.tap_target import TapTarget
from service.answering import LAST_WORDS_S, Answering
from telephony.media.port import ToneHeard
from telephony.ports import Leg
from tests.unit.ivr.doubles import FakeLeg, Timeline

WORDS = Words(shipped())
Said = Hearing | SoundsLike


class Network:
    """A call that the test rings, answers and refuses, and its sound."""

    def __init__(self) -> None:
        self.leg: Leg = FakeLeg(Timeline(), "c-1")  # type: ignore[assignment] # its clips are paths
        self.answer: asyncio.Future[Leg] = asyncio.get_running_loop().create_future()
        self.cancelled = False
        self.watched: dict[str, Callable[[Leg], None]] = {}
        self.tones: frozenset[str] = frozenset()
        self.watcher: Callable[[ToneHeard], None] | None = None

    async def dial(self) -> Leg:
        try:
            return await self.answer
        except asyncio.CancelledError:
            self.cancelled = True
            raise

    def watch_early(self, call_id: str, handler: Callable[[Leg], None]) -> Callable[[], None]:
        self.watched[call_id] = handler
        return self.watched.clear

    async def listen(self, tones: Collection[str]) -> None:
        self.tones = frozenset(tones)

    def watch_tones(self, watcher: Callable[[ToneHeard], None]) -> Callable[[], None]:
        self.watcher = watcher

        def end() -> None:
            self.watcher = None

        return end

    def early(self) -> None:
        self.watched["c-1"](self.leg)

    def sounds(self, tone: str) -> None:
        assert self.watcher is not None
        self.watcher(ToneHeard(self.leg.id, tone, 1.0))


class ScriptedFollowing:
    def __init__(self, said: "asyncio.Queue[Said]") -> None:
        self._said = said
        self.closed = False

    @property
    def tap(self) -> TapTarget:
        return TapTarget("127.0.0.1", 1, 1)

    async def next(self) -> Hearing:
        raise NotImplementedError

    async def next_said(self) -> Said:
        return await self._said.get()

    async def close(self) -> None:
        self.closed = True


class ScriptedEars:
    """Hears what the test puts into ``said``."""

    def __init__(self, *, away: bool = False) -> None:
        self.said: asyncio.Queue[Said] = asyncio.Queue()
        self.followed: list[ScriptedFollowing] = []
        self.away = away

    async def follow(
        self, phrases: Collection[str], *, every_s: float, no_speech_s: float, max_s: float
    ) -> ScriptedFollowing:
        if self.away:
            raise Unavailable("no recogniser")
        self.followed.append(ScriptedFollowing(self.said))
        return self.followed[-1]

    def hears(self, *texts: str, over: bool = True) -> None:
        self.said.put_nowait(SpeechStarted())
        for text in texts:
            self.said.put_nowait(SoundsLike(text))
        if over:
            self.said.put_nowait(Heard(texts[-1], ()))


def listener(network: Network, ears: ScriptedEars | None, *, after: bool = True) -> Answering:
    return Answering(network, lambda leg: network, ears, WORDS, after=after)


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_announcement_before_the_answer_ends_the_attempt_at_once() -> None:
    network, ears = Network(), ScriptedEars()
    reaching = asyncio.create_task(listener(network, ears).reach(network.dial(), "c-1"))
    await turns()
    network.early()
    ears.hears("您好", "您好您拨打的用户已关机", over=False)
    with pytest.raises(Announced) as announced:
        await asyncio.wait_for(reaching, 5)
    assert announced.value.what is What.POWERED_OFF
    assert network.cancelled
    assert network.watched == {}
    assert ears.followed[0].closed
    assert network.watcher is None


async def test_a_busy_tone_ends_it_without_any_recogniser() -> None:
    network = Network()
    reaching = asyncio.create_task(listener(network, None).reach(network.dial(), "c-1"))
    await turns()
    network.early()
    await turns()
    assert "busy" in network.tones
    network.sounds("ringback")
    await turns()
    assert not reaching.done()
    network.sounds("busy")
    with pytest.raises(Announced) as announced:
        await asyncio.wait_for(reaching, 5)
    assert announced.value.what is What.BUSY


async def test_who_answers_is_reached_whatever_the_colour_ring_sang() -> None:
    network, ears = Network(), ScriptedEars()
    reaching = asyncio.create_task(listener(network, ears).reach(network.dial(), "c-1"))
    await turns()
    network.early()
    ears.hears("欢迎致电四海汽车")
    await turns()
    network.answer.set_result(network.leg)
    assert await asyncio.wait_for(reaching, 5) is network.leg
    assert network.tones == frozenset()
    assert all(each.closed for each in ears.followed)


async def test_a_refusal_and_a_time_out_come_through() -> None:
    for error in (CallRejected(486), TransactionTimeout("rang")):
        network = Network()
        reaching = asyncio.create_task(listener(network, ScriptedEars()).reach(network.dial(), "c-1"))
        await turns()
        network.answer.set_exception(error)
        with pytest.raises(type(error)):
            await asyncio.wait_for(reaching, 5)


@pytest.mark.parametrize("end", [CallRejected(480), TransactionTimeout("rang")])
async def test_words_just_before_the_end_go_before_what_the_end_says(end: Exception) -> None:
    network, ears = Network(), ScriptedEars()
    reaching = asyncio.create_task(listener(network, ears).reach(network.dial(), "c-1"))
    await turns()
    network.early()
    await turns()
    network.answer.set_exception(end)
    await turns()
    assert not reaching.done()  # what was said last is still being worked out
    ears.hears("对不起您拨打的号码是空号")
    with pytest.raises(Announced) as announced:
        await asyncio.wait_for(reaching, 5)
    assert announced.value.what is What.EMPTY_NUMBER


async def test_where_nothing_was_said_before_the_refusal_nobody_waits_for_words() -> None:
    network, ears = Network(), ScriptedEars()
    reaching = asyncio.create_task(listener(network, ears).reach(network.dial(), "c-1"))
    await turns()
    network.early()
    await turns()
    await network.leg.hang_up()  # which ends its tap
    ears.said.put_nowait(NothingHeard("ended"))
    network.answer.set_exception(CallRejected(480))
    with pytest.raises(CallRejected):
        await asyncio.wait_for(reaching, LAST_WORDS_S / 2)
    assert len(ears.followed) == 1
    assert ears.followed[0].closed


async def test_words_that_decide_nothing_leave_the_refusal_as_it_is() -> None:
    network, ears = Network(), ScriptedEars()
    reaching = asyncio.create_task(listener(network, ears).reach(network.dial(), "c-1"))
    await turns()
    network.early()
    await turns()
    await network.leg.hang_up()
    network.answer.set_exception(CallRejected(486))
    await turns()
    assert not reaching.done()
    ears.hears("欢迎致电四海汽车")
    with pytest.raises(CallRejected):
        await asyncio.wait_for(reaching, LAST_WORDS_S / 2)


async def test_whoever_is_stopped_leaves_no_answered_leg_behind() -> None:
    network, ears = Network(), ScriptedEars()
    reaching = asyncio.create_task(listener(network, ears).reach(network.dial(), "c-1"))
    await turns()
    reaching.cancel()
    network.answer.set_result(network.leg)
    with pytest.raises(asyncio.CancelledError):
        await reaching
    assert network.cancelled or network.leg.end is not None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("喂，你好", What.PERSON),
        ("您好，我是机主的智能语音助手", What.ASSISTANT),
        ("我现在无法接听您的电话请在滴声后留言", What.VOICEMAIL),
    ],
)
async def test_what_has_answered(text: str, what: What) -> None:
    network, ears = Network(), ScriptedEars()
    ears.hears(text)
    assert await asyncio.wait_for(listener(network, ears).answered_by(network.leg), 5) is what
    assert network.watcher is None


async def test_a_fax_machine_is_heard_by_its_tone() -> None:
    network, ears = Network(), ScriptedEars()
    asking = asyncio.create_task(listener(network, ears).answered_by(network.leg))
    await turns()
    network.sounds("ced")
    assert await asyncio.wait_for(asking, 5) is What.FAX


async def test_where_nobody_can_listen_a_person_has_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifier, "_LASTS_S", {classifier.State.LINE: 0.1})
    network = Network()
    assert await listener(network, None).answered_by(network.leg) is What.PERSON
    assert await listener(network, ScriptedEars(), after=False).answered_by(network.leg) is What.PERSON
    away = listener(network, ScriptedEars(away=True))
    assert await asyncio.wait_for(away.answered_by(network.leg), 10) is What.PERSON  # by time alone


async def test_who_hangs_up_is_a_person() -> None:
    network, ears = Network(), ScriptedEars()
    asking = asyncio.create_task(listener(network, ears).answered_by(network.leg))
    await turns()
    await network.leg.hang_up()
    assert await asyncio.wait_for(asking, 5) is What.PERSON
