"""``console.calling_ports.CallingControl`` over the store and the campaigns."""

from collections.abc import Sequence
from typing import Final

from campaigns.facts import ContactPromised
from campaigns.promised import PromisedCall
from campaigns.rehearsal import IN_CALL, decide_in_turn, done
from campaigns.retry import left, next_number
from campaigns.rule_facts import ConsentGiven
from campaigns.rules.decide import told
from campaigns.rules.dialling import without_forbidden
from campaigns.rules.records import Bar, Consent, Listed
from campaigns.rules.regions import place_of, region_of
from campaigns.rules.values import Decision, Rules
from console.calling_views import DecidedView, DecisionView, WhyView, WithdrawnView
from core.clock import Clock
from service.outbound import Outbound
from store.calling import Calling
from store.contact_states import DIALLING, PENDING
from store.promises import Promises

_SHOWN: Final = 100
"""Decisions of one contact that are shown."""


class ConsoleCalling:
    """Who may be called, for the console."""

    def __init__(self, calling: Calling, promises: Promises, outbound: Outbound, clock: Clock) -> None:
        self._calling = calling
        self._promises = promises
        self._outbound = outbound
        self._clock = clock

    async def why(self, campaign: str, contact: int) -> WhyView | None:
        """See the port."""
        listed = await self._calling.listed(campaign, contact)
        if listed is None:
            return None
        now, terms, plan = self._clock.now(), self._outbound.terms(campaign), self._outbound.plan(campaign)
        rules = terms.rules if terms else Rules()
        past = without_forbidden(listed.past, rules.tolls)
        number = next_number(plan.retry, past) if plan else listed.number
        region = region_of(number, rules)
        everything = standing = await self._calling.standing(number, rules, now, listed.number)
        if listed.promised_at is not None:  # by the promise earlier tries do not count; they were made all the same
            standing = await self._calling.standing(number, rules, now, listed.number, listed.promised_at)
        turn_at = listed.turn_at if listed.state == PENDING else 0.0
        promised = turn_at == listed.call_at
        found = decide_in_turn(standing, terms, now, turn_at, promised=promised) if terms else None
        return WhyView(
            contact=listed.contact,
            name=listed.name,
            number=listed.number,
            state=listed.state,
            result=listed.result,
            not_before=listed.not_before,
            purpose=terms.purpose.value if terms else "",
            now=_shown(_stands(listed, found)) if found or listed.state != PENDING else None,
            bars=sorted(standing.bars),
            consents=sorted(standing.consents),
            withdrawn=[
                WithdrawnView(one.purpose, one.given_at, one.withdrawn_at or 0.0, one.withdrawn_why)
                for one in await self._calling.withdrawn(listed.past.numbers)
            ],
            attempts=sorted(everything.attempts),
            complained_at=standing.complained_at,
            next_number=number if listed.state == PENDING else "",
            results=[result for _, result in listed.past.tried],
            left=left(plan.retry, listed.past) if plan and listed.state == PENDING else None,
            promised_at=listed.call_at,
            wanted_agent=listed.agent,
            place=place_of(number, rules),
            region=region.name if region else "",
            decided=[
                DecidedView(one.at, one.attempt, _shown(told(one.allowed, one.rule, one.not_before)))
                for one in await self._calling.decided(contact, limit=_SHOWN)
            ],
        )

    async def promise(self, promised: ContactPromised) -> PromisedCall | None:
        """See the port."""
        call = await self._promises.promise(promised, self._outbound.way(promised.campaign))
        if call is not None:
            await self._outbound.go_on(promised.campaign)
        return call

    async def bars(
        self, *, number: str = "", kind: str = "", held: bool = True, limit: int, offset: int = 0
    ) -> tuple[Sequence[Bar], int]:
        """See the port."""
        return await self._calling.bars(number=number, kind=kind, held=held, limit=limit, offset=offset)

    async def bar(self, numbers: Sequence[str], kind: str, how: str, by: str, note: str = "", call_id: str = "") -> int:
        """See the port."""
        return await self._calling.bar(numbers, kind, how, by, note, call_id)

    async def free(self, number: str, kind: str, by: str, why: str) -> None:
        """See the port."""
        await self._calling.free(number, kind, by, why)

    async def consents(self, *, number: str = "", limit: int, offset: int = 0) -> Sequence[Consent]:
        """See the port."""
        return await self._calling.consents(number=number, limit=limit, offset=offset)

    async def agree(self, number: str, purpose: str, how: str, evidence: str, given_at: float, by: str) -> None:
        """See the port."""
        await self._calling.agree(ConsentGiven(number, purpose, how, evidence, given_at, by))

    async def disagree(self, number: str, purpose: str, by: str, why: str) -> None:
        """See the port."""
        await self._calling.disagree(number, purpose, by, why)


def _stands(listed: Listed, decided: Decision | None) -> Decision:
    """What holds of him now, where by the rules alone it would be ``decided`` (None: nobody knows the rules)."""
    if listed.state == DIALLING:
        return IN_CALL
    if decided is not None and (listed.state == PENDING or (decided.for_good and decided.result == listed.result)):
        return decided
    return done(listed.result, listed.anew_at)


def _shown(decision: Decision) -> DecisionView:
    return DecisionView(
        decision.allowed, decision.rule, decision.zh, decision.en, decision.not_before, decision.for_good
    )
