"""A person who has answered is asked the questions of a survey. Answers are kept as they come."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final, TypeAlias

from campaigns.attempt import Attempt, AttemptInput, Result
from campaigns.ports import Contact
from campaigns.rooms import Rooms
from campaigns.survey import Survey, bar_of, fact_of, heard_fact, promise_of, result_of, result_of_hang_up
from campaigns.talk import Fate, Person
from core.errors import LegEnded, Unavailable
from ivr.flow import Answer
from ivr.runner import Sleep, run_flow
from telephony.ports import EndReason, Leg

_log = logging.getLogger("line400.campaigns")
_OUR_FAULTS: Final = frozenset({EndReason.MEDIA_LOST, EndReason.UNAVAILABLE, EndReason.ERROR, EndReason.INTERRUPTED})
Around: TypeAlias = Callable[[Leg, Contact], AbstractAsyncContextManager[object]]
"""Wraps the talk, from answer to hang-up: whoever wires the house starts and stops the recording here."""


def no_recording(leg: Leg, contact: Contact) -> AbstractAsyncContextManager[object]:
    """An ``Around`` that does nothing."""
    return nullcontext()


class SurveyTalk:
    """Implements ``campaigns.talk.Talk``."""

    def __init__(
        self, survey: Survey, rooms: Rooms, *, around: Around = no_recording, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._survey = survey
        self._rooms = rooms
        self._around = around
        self._sleep = sleep

    async def talk(self, person: Person, fate: Fate) -> Attempt:
        """Until the survey is over or the contact hangs up."""
        del fate  # nobody has to be there for him
        rooms, survey, leg = self._rooms, self._survey, person.leg
        attempt, contact = person.attempt, person.contact
        answered: list[Answer] = []
        told: list[str] = []

        def keep(answer: Answer) -> None:
            answered.append(answer)
            fact = fact_of(survey, answer, campaign=attempt.campaign, contact=contact.id, attempt=attempt.id)
            rooms.log.post(leg.call_id, fact)

        def over_with(given: AttemptInput, result: Result) -> Attempt:
            where = (attempt.campaign, contact.id, attempt.id)
            if heard := heard_fact(survey, told, where):
                rooms.log.post(leg.call_id, heard)
            return attempt.step(given, result)

        async with self._around(leg, contact):
            talk = asyncio.create_task(
                run_flow(
                    survey.flow,
                    leg,
                    ears=rooms.ears,
                    log=rooms.log,
                    clock=rooms.clock,
                    prompts=rooms.prompts,
                    hours=rooms.hours,
                    on_answer=keep,
                    on_told=told.append,
                    sleep=self._sleep,
                )
            )
            over = asyncio.create_task(leg.wait_ended())
            try:
                await asyncio.wait({talk, over}, return_when=asyncio.FIRST_COMPLETED)
                if talk.done():
                    if bar := bar_of(talk.result(), contact.number, attempt.campaign, contact.id):
                        rooms.log.post(leg.call_id, bar)  # "do not call me again"
                    if promise := promise_of(talk.result(), attempt.campaign, contact.id):
                        rooms.log.post(leg.call_id, promise)  # "call me tomorrow morning"
                    return over_with(AttemptInput.SURVEY_OVER, result_of(survey, talk.result()))
            except (LegEnded, Unavailable) as error:
                _log.info("call %s: the survey was cut short: %s", leg.call_id, error)
            finally:
                talk.cancel()
                over.cancel()
                await asyncio.gather(talk, over, return_exceptions=True)
            if leg.end is None or leg.end.reason in _OUR_FAULTS:
                return attempt.step(AttemptInput.INTERRUPT, Result.INTERRUPTED)
            return over_with(AttemptInput.HUNG_UP, result_of_hang_up(survey, answered, told))
