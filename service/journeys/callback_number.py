"""At which number is the caller to be called back? Asked while he stands in the line: his own is read out to him, or he
keys in another, which is read out too; he may always go on waiting. Who hangs up meanwhile has said that he does not
want to wait: the number that he was asked about stands.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from acd.served import WantsCallback
from core.errors import Unavailable
from core.numbers import national
from service.callbacks import Callbacks
from service.house import House
from service.journeys.callback_voice import asks_for_callback
from telephony.ports import Leg

_log = logging.getLogger("line400.service")
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
OFFER: Final = "callback_instead"
"""The prompt that offers to call a caller back who is not served: unlike what waiting callers hear (``callback_offer``)
it does not promise that he may go on waiting.
"""


def asks(leg: Leg, caller: str, house: House) -> "NumberQuestion | None":
    """How the caller on ``leg`` is asked; None where nobody can be called back now."""
    callbacks = house.callbacks
    if callbacks is None or not callbacks.takes():
        return None
    return NumberQuestion(leg, caller, house, callbacks)


class NumberQuestion:
    """See ``acd.asking.AskNumber``. He calls from ``caller``."""

    def __init__(self, leg: Leg, caller: str, house: House, callbacks: Callbacks) -> None:
        self._leg = leg
        self._caller = caller
        self._house = house
        self._callbacks = callbacks
        self._number = ""

    @property
    def stands(self) -> str:
        """See the port."""
        return self._number if self._callbacks.takes() else ""

    async def offered(self) -> str:
        """Whether he wants to be called back at all, and then as by a call of this; "" where he does not say so."""
        words = self._house.prompts.files([OFFER])
        return await self() if await _answer(self._leg, words) == YES else ""

    async def __call__(self) -> str:
        """See the port; "" also where he says nothing."""
        leg, prompts, dialable = self._leg, self._house.prompts, self._callbacks.dialable
        # Where this is broken off because he hangs up, the number stays for whoever asks what stands.
        self._number = dialable(self._caller)
        for _ in range(TRIES):
            if not self._number:
                keyed = await _keyed_in(leg, self._house)
                if not keyed:
                    break
                self._number = dialable(keyed)
            if not self._number:
                await leg.play(prompts.files(["invalid_input"]))
                continue
            spoken = [f"d{digit}" for digit in national(self._number) if digit.isdecimal()]
            key = await _answer(leg, prompts.files([*spoken, "confirm_choice"]))
            if key == YES:
                return self._number
            self._number = ""
            if key != OTHER:
                break
        self._number = ""
        return ""

    async def spoken(self) -> bool:
        """See the port."""
        ears, listen_s = self._house.ears, self._callbacks.terms.listen_s
        return ears is not None and listen_s > 0 and await asks_for_callback(self._leg, ears, listen_s)

    def hung_up(self, wish: WantsCallback) -> None:
        """See the port. It is kept though his call is over."""
        self._house.tasks.spawn(f"promise {self._leg.call_id}", self._promise(wish))

    async def _promise(self, wish: WantsCallback) -> None:
        try:
            await self._callbacks.promise(self._leg.call_id, wish)
        except Unavailable as error:
            _log.warning("call %s: nobody can be called back: %s", self._leg.call_id, error)


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
