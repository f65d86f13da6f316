"""At which number is the caller to be called back? Asked while he stands in the line: his own is read out to him, or he
keys in another, which is read out too; he may always go on waiting.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Final

from core.numbers import national
from service.callbacks import Callbacks
from service.house import House
from telephony.ports import Leg

YES: Final = "1"
OTHER: Final = "2"
END_KEY: Final = "#"
TRIES: Final = 3
"""After so many numbers that cannot be, or that are not his, he goes on waiting."""
ANSWER_S: Final = 8.0
"""So long is waited for his answer once all has been said, and for the next digit of a number."""
LONGEST: Final = 20
OWN_WORDS: Final = "callback_number"
"""The prompt that asks for a number: a house may record one of this name. Without it there is a beep."""


def asks(leg: Leg, caller: str, house: House) -> Callable[[], Coroutine[None, None, str]] | None:
    """How the caller on ``leg`` is asked; None where nobody can be called back now."""
    callbacks = house.callbacks
    if callbacks is None or not callbacks.takes():
        return None
    return lambda: ask_number(leg, caller, house, callbacks)


async def ask_number(leg: Leg, caller: str, house: House, callbacks: Callbacks) -> str:
    """The number that he has confirmed; "" where he would rather wait, or says nothing."""
    number = callbacks.dialable(caller)
    for _ in range(TRIES):
        if not number:
            keyed = await _keyed_in(leg, house)
            if not keyed:
                return ""
            number = callbacks.dialable(keyed)
        if not number:
            await leg.play(house.prompts.files(["invalid_input"]))
            continue
        spoken = [f"d{digit}" for digit in national(number) if digit.isdecimal()]
        key = await _answer(leg, house.prompts.files([*spoken, "confirm_choice"]))
        if key == YES:
            return number
        if key != OTHER:
            return ""
        number = ""
    return ""


async def _keyed_in(leg: Leg, house: House) -> str:
    """What he keys in, to # or a pause; "" for nothing, or for a star."""
    words = [OWN_WORDS] if OWN_WORDS in house.prompts.names() else []
    digits = await _answer(leg, house.prompts.files([*words, "beep"]))
    while digits and digits[-1].isdecimal() and len(digits) < LONGEST:
        key = await _next_digit(leg)
        if not key or key == END_KEY:
            return digits
        digits += key
    return digits if digits.isdecimal() else ""


async def _answer(leg: Leg, said: Sequence[Path]) -> str:
    """The key that he presses while that is said, which ends there, or soon after; "" for none."""
    saying = asyncio.ensure_future(leg.play(said))
    key = asyncio.ensure_future(leg.next_digit())
    try:
        await asyncio.wait({saying, key}, return_when=asyncio.FIRST_COMPLETED)
        if not key.done():
            saying.result()
            await asyncio.wait({key}, timeout=ANSWER_S)
        return key.result() if key.done() else ""
    finally:
        for task in (saying, key):
            task.cancel()
        await asyncio.gather(saying, key, return_exceptions=True)


async def _next_digit(leg: Leg) -> str:
    try:
        async with asyncio.timeout(ANSWER_S):
            return await leg.next_digit()
    except TimeoutError:
        return ""
