"""The journey of a feature code: the phone is answered, hears whether it is done, and is hung up."""

from typing import Final

from core.errors import LegEnded, Unavailable
from service.feature_codes import Feature, Wish
from service.features import Features, Outcome, Told
from service.house import House
from service.journeys.alive import while_alive
from telephony.ports import EndReason, Leg
from telephony.switchboard import Arrival

_WRONG, _REFUSED, _DONE = "invalid_input", "congestion", "beep"
_ELSEWHERE: Final = frozenset({Feature.LISTEN, Feature.PARK})
"""Who asks for these goes on in another call."""
OWN_WORDS: Final = "feature_{}"
"""A house may record what it says to each of them; without that there is a beep."""


async def feature(arrival: Arrival, wish: Wish, features: Features, house: House) -> None:
    """From the first ring to the end. Never raises for what the phone does."""
    leg, reason, by = arrival.leg, EndReason.ERROR, "system"
    try:
        await while_alive(leg, _story(leg, wish, arrival.agent, features, house, arrival))
        reason = EndReason.NORMAL
    except LegEnded:
        reason, by = EndReason.NORMAL, "agent"
        if leg.end is not None and leg.end.by_us:
            reason, by = leg.end.reason, "system"
    except Unavailable:
        reason = EndReason.UNAVAILABLE
    finally:
        await leg.hang_up(reason)
        arrival.call.ended(reason, by=by)


async def _story(leg: Leg, wish: Wish, agent: str, features: Features, house: House, arrival: Arrival) -> None:
    await leg.answer()
    arrival.call.answered()
    outcome = await features.carry_out(wish, agent, leg)
    if wish.feature in _ELSEWHERE and outcome.told is Told.DONE:
        await leg.wait_ended()  # he is on his way into that call, or is hung up
        return
    await leg.play(house.prompts.files(_said(outcome, wish, house)))


def _said(outcome: Outcome, wish: Wish, house: House) -> list[str]:
    """The prompts that tell what came of it."""
    match outcome.told:
        case Told.WRONG:
            return [_WRONG]
        case Told.REFUSED:
            return [_REFUSED]
        case Told.DONE:
            own = OWN_WORDS.format(wish.feature)
            words = own if own in house.prompts.names() else _DONE
            return [words, *([f"d{outcome.number}"] if 0 < outcome.number <= 10 else [])]
