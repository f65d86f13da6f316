"""A step of a queue's ways: a caller who is not served may be called back instead, keeping the place that he had."""

import asyncio
from dataclasses import replace

from acd.served import WantsCallback
from core.errors import LegEnded
from service.journeys.callback_number import NumberQuestion


async def offer_callback(question: NumberQuestion, place: WantsCallback) -> WantsCallback | None:
    """What he wants, in ``place`` (which has no number yet); None where he would rather go on to the next step. Who
    hangs up after he has said yes is called back at the number that he was asked about.
    """
    try:
        number = await question.offered()
    except (LegEnded, asyncio.CancelledError):
        if question.stands:
            question.hung_up(replace(place, number=question.stands))
        raise
    return replace(place, number=number) if number else None
