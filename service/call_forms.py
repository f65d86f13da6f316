"""``console.form_ports.FormControl``: agents put down what contacts of campaigns answer, one answer at a time."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from asr.moments import moment_said
from campaigns.agent_form import BY_AGENT, FormState, checked, known_answers, off_the_way, state_of, wished
from campaigns.attempt import Result
from campaigns.facts import ContactPromised
from campaigns.form_facts import AnswerTakenBack, AttemptResulted, is_by_hand
from campaigns.promised import PromisedCall
from campaigns.rules.values import BarKind
from campaigns.script import Script
from campaigns.survey import Survey, fact_of
from console.form_shapes import NOTHING_ASKED, form_view
from console.form_views import FormView
from core.clock import Clock
from core.errors import LocalProtocolError
from core.events import Log
from ivr.flow import Answer
from ivr.form import Given
from service.dispositions import LATE_S
from service.form_results import FormResults, is_better
from store.call_forms import FormCall
from store.promising import Way


class KnownCalls(Protocol):
    """Calls with contacts (``store.call_forms`` fits)."""

    async def of_call(self, call_id: str, filled_in: Collection[str]) -> FormCall | None:
        """See ``store.call_forms.CallForms``."""
        ...


class Barring(Protocol):
    """Puts refusals on record (``store.calling`` fits)."""

    async def bar(
        self,
        numbers: Sequence[str],
        kind: str,
        how: str,
        by: str,
        note: str = "",
        call_id: str = "",
        *,
        campaign: str = "",
        contact: int = 0,
    ) -> int:
        """See ``store.calling.Calling``."""
        ...


class Promises(Protocol):
    """Says when a promise would be kept (``store.promises`` fits)."""

    async def foresee(self, promised: ContactPromised, way: Way) -> PromisedCall | None:
        """See ``store.promises.Promises``."""
        ...


class Campaigns(Protocol):
    """What agents read and fill in (``service.outbound`` fits)."""

    def filled_in(self) -> Collection[str]:
        """Campaigns whose agents have a script or a form."""
        ...

    def script(self, name: str) -> Script:
        """What is read in campaign ``name``."""
        ...

    def way(self, name: str) -> Way:
        """By which rules and plan it calls."""
        ...

    def survey(self, name: str) -> Survey | None:
        """What is asked in it."""
        ...


class CallForms:
    """``log`` opens a task behind a low score (``service.low_scores``); ``results`` are told what comes of attempts.
    Times of promised calls are those of ``zone``.
    """

    def __init__(
        self,
        calls: KnownCalls,
        campaigns: Campaigns,
        barring: Barring,
        promises: Promises,
        log: Log,
        results: FormResults,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._calls = calls
        self._campaigns = campaigns
        self._barring = barring
        self._promises = promises
        self._log = log
        self._results = results
        self._clock = clock
        self._zone = zone
        self._one_at_a_time = asyncio.Lock()

    async def of(self, call_id: str) -> FormView | None:
        """See the port."""
        call = await self._find(call_id)
        if call is None:
            return None
        survey = self._campaigns.survey(call.campaign)
        state = NOTHING_ASKED if survey is None else state_of(survey, _answers(survey, call))
        return self._view(call, survey, state)

    async def answer(self, agent: str, call_id: str, question: str, said: str, by: str) -> FormView | None:
        """See the port."""
        async with self._one_at_a_time:
            call, survey = await self._open(call_id)
            answers = _answers(survey, call)
            before = state_of(survey, answers)
            given = checked(before, question, said)
            if answers.get(question) == given:
                return self._view(call, survey, before)
            answers[question] = given
            promise = self._promise(agent, call, wished(survey, state_of(survey, answers)), by)
            promised: PromisedCall | None = None
            if promise is not None and promise.note != wished(survey, before):
                promised = await self._promises.foresee(promise, self._campaigns.way(call.campaign))
            put_down = Answer(question, given.value, BY_AGENT, given.text)
            fact = fact_of(survey, put_down, campaign=call.campaign, contact=call.contact, attempt=call.attempt)
            await self._log.commit(call_id, fact)
            state = await self._after(agent, call, survey, answers, before)
            if state.bars and not before.bars:
                await self._barring.bar(
                    [call.number],
                    BarKind.REFUSED,
                    "agent",
                    by,
                    call_id=call_id,
                    campaign=call.campaign,
                    contact=call.contact,
                )
            if promise is not None and promised is not None:
                await self._log.commit(call_id, promise)
            return replace(self._view(call, survey, state), promised=promised)

    async def take_back(self, agent: str, call_id: str, question: str) -> FormView | None:
        """See the port."""
        async with self._one_at_a_time:
            call, survey = await self._open(call_id)
            answers = _answers(survey, call)
            before = state_of(survey, answers)
            if answers.pop(question, None) is None:
                return self._view(call, survey, before)
            await self._log.commit(call_id, _taken_back(call, question))
            return self._view(call, survey, await self._after(agent, call, survey, answers, before))

    async def _find(self, call_id: str) -> FormCall | None:
        names = self._campaigns.filled_in()
        call = await self._calls.of_call(call_id, names)
        return call if call is not None and call.campaign in names else None

    async def _open(self, call_id: str) -> tuple[FormCall, Survey]:
        call = await self._find(call_id)
        survey = None if call is None else self._campaigns.survey(call.campaign)
        if call is None or survey is None:
            raise LocalProtocolError("这通电话没有问卷 / there is no form in this call")
        until = _until(call)
        if until is not None and self._clock.now() > until:
            raise LocalProtocolError("通话早已结束，不能再填写 / the call was over long ago: its form is closed")
        return call, survey

    async def _after(
        self, agent: str, call: FormCall, survey: Survey, answers: dict[str, Given], before: FormState
    ) -> FormState:
        """What follows from another answer: others that were given on another way do not count, the result is told."""
        for name in off_the_way(survey, answers):
            del answers[name]
            await self._log.commit(call.call_id, _taken_back(call, name))
        state = state_of(survey, answers)
        if state.result != before.result:
            await self._tell(agent, call, state.result)
        return state

    async def _tell(self, agent: str, call: FormCall, result: Result | None) -> None:
        """A form that is not finished says nothing of a contact who was called by hand: his campaign calls him yet."""
        goes_on = not call.over and self._results.put(call.attempt, result, agent)
        finished = result is not None and not (result is Result.PARTIAL and is_by_hand(call.attempt))
        if goes_on or (finished and is_better(result, call.result)):
            told = result.value if result is not None else ""
            fact = AttemptResulted(call.attempt, call.campaign, call.contact, told, agent, late=not goes_on)
            await self._log.commit(call.call_id, fact)

    def _promise(self, agent: str, call: FormCall, moment: str, by: str) -> ContactPromised | None:
        """The call that the customer has asked for, by the agent who has talked with him; None without a moment."""
        at = moment_said(moment, datetime.fromtimestamp(self._clock.now(), self._zone)) if moment else None
        return None if at is None else ContactPromised(call.campaign, call.contact, at.timestamp(), agent, by, moment)

    def _view(self, call: FormCall, survey: Survey | None, state: FormState) -> FormView:
        return form_view(call, self._campaigns.script(call.campaign), survey, state, _until(call))


def _answers(survey: Survey, call: FormCall) -> dict[str, Given]:
    return known_answers(survey, {name: Given(value, text) for name, (value, text) in call.answers.items()})


def _taken_back(call: FormCall, question: str) -> AnswerTakenBack:
    return AnswerTakenBack(call.campaign, call.contact, call.attempt, question)


def _until(call: FormCall) -> float | None:
    return None if call.ended_at is None else call.ended_at + LATE_S
