"""Who takes part in the demonstration: what each caller does and says, how agents and called customers behave."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from service.demo.softphone import PhoneCall
from service.demo.stage import Stage

_WELCOME_S: Final = 8.5
"""After this long the menu is being said, and callers who know it choose."""
_GREETING_S: Final = 4.3
"""How long an agent's greeting takes; polite people do not speak into it."""
CLIPS: Final = Path(__file__).parent / "clips"


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls after ``after_s``: presses ``key`` or says clip ``choice`` at the menu, tells the agent ``story``; or gives
    up ``patience_s`` after choosing.
    """

    number: str
    after_s: float
    key: str = ""
    choice: str = ""
    story: str = ""
    patience_s: float = 0.0


CALLERS: Final = (
    Caller("13800138001", 0.0, key="2", story="service_2.zf_xiaoyi"),
    Caller("13900139002", 1.5, choice="tradein_2.zm_yunxi", story="tradein_1.zm_yunjian"),
    Caller("13700137003", 4.0, key="4", story="complaint_1.zm_yunjian"),
    Caller("13600136004", 5.0, key="0", patience_s=12.0),
    Caller("13500135005", 6.0, key="1", story="buy_1.zf_xiaoyi"),
)


@dataclass(frozen=True, slots=True)
class Agent:
    """Answers after ``answer_s``, greets, replies with ``reply`` and takes leave."""

    id: str
    voice: str
    reply: str
    answer_s: float = 1.2


AGENTS: Final = (
    Agent("101", "zf_xiaoxiao", "agent_tradein_quote.zf_xiaoxiao"),
    Agent("102", "zm_yunyang", "agent_sorry.zm_yunyang"),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """Is called by the campaign: busy, or answers, agrees (by key or by voice), and scores by keys or by voice."""

    number: str
    name: str
    busy: bool = False
    yes_clip: str = ""
    satisfied_key: str = "5"
    score_key: str = ""
    score_clip: str = ""


CUSTOMERS: Final = (
    Customer("13400134006", "王女士", satisfied_key="4", score_key="9"),
    Customer("13300133007", "李女士", yes_clip="yes.zf_xiaoyi", score_clip="score_10.zf_xiaoyi"),
    Customer("13200132008", "赵先生", busy=True),
)


def clip(name: str) -> Path:
    """The file of a demonstration clip."""
    return CLIPS / f"{name}.wav"


async def live_as_caller(caller: Caller, call: PhoneCall, stage: Stage) -> None:
    """From the answer on: choose, talk, hang up when the agent has done or patience is over."""
    await asyncio.sleep(_WELCOME_S)
    if caller.key:
        call.voice.press(caller.key)
    else:
        await call.voice.say(clip(caller.choice))
    if caller.patience_s:
        await asyncio.sleep(caller.patience_s)
        call.hang_up()
        return
    await stage.until(caller.number, "talk.started")
    await asyncio.sleep(_GREETING_S)
    await call.voice.say(clip(caller.story))
    await call.ended


async def live_as_agent(agent: Agent, call: PhoneCall) -> None:
    """Answer, greet, listen, reply, take leave."""
    await asyncio.sleep(agent.answer_s)
    if call.ended.done():
        return
    await call.answer()
    await call.voice.say(clip(f"agent_greet.{agent.voice}"))
    await asyncio.sleep(6.0)
    await call.voice.say(clip(agent.reply))
    await call.voice.say(clip(f"agent_close.{agent.voice}"))
    call.hang_up()


async def live_as_customer(customer: Customer, call: PhoneCall, stage: Stage) -> None:
    """Called by the campaign: be busy, or answer, agree, and say how satisfied (1 to 5) and how likely to recommend."""
    if customer.busy:
        call.refuse(486)
        return
    await asyncio.sleep(1.0)
    await call.answer()
    await stage.until(customer.number, "ivr.entered")  # with a recogniser it is first heard who answers
    await asyncio.sleep(2.0)
    if customer.yes_clip:
        await call.voice.say(clip(customer.yes_clip))
    else:
        call.voice.press("1")
    await stage.until(customer.number, "ivr.chosen")
    await asyncio.sleep(1.5)
    call.voice.press(customer.satisfied_key)
    await stage.until(customer.number, "ivr.answered")
    await asyncio.sleep(1.5)
    if customer.score_clip:
        await call.voice.say(clip(customer.score_clip))
    else:
        call.voice.press(f"{customer.score_key}#")
    await call.ended
