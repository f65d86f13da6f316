"""``console.campaign_ports.CampaignControl``: campaigns are made, changed, tried out and run by people."""

import asyncio
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from campaigns.gate import CampaignState
from campaigns.rehearsal import Rehearsal, words_of
from campaigns.rules.decide import forbidding_all, told
from campaigns.rules.values import Decision, Rule
from console.calling_views import DecisionView
from console.campaign_ports import Order
from console.campaign_views import (
    ChoiceView,
    FieldView,
    PlanCheck,
    PlanValue,
    PlanView,
    RehearsalView,
    RehearsedContact,
    RuleCount,
    ToldView,
)
from core.clock import Clock
from core.errors import LocalProtocolError, ParseError
from service.campaign_book import CampaignBook
from service.campaign_check import Judged, Told, judge
from service.campaign_fields import FIELDS, RETRY
from service.config_model import CampaignConfig
from service.config_retry import RetrySettings
from service.orders import carry_out_one
from service.outbound import Outbound
from store.store import Store

_DEFAULTS = {
    **{field.name: field.default for field in dataclasses.fields(CampaignConfig)},
    **{f"{RETRY}.{field.name}": field.default for field in dataclasses.fields(RetrySettings)},
}
_OVER = (CampaignState.STOPPED, CampaignState.FINISHED)


class CampaignDesk:
    """Also ``service.orders.Campaigns``. ``renew`` tells the dialers of ``book`` after each change."""

    def __init__(
        self, book: CampaignBook, outbound: Outbound, store: Store, clock: Clock, renew: Callable[[], None]
    ) -> None:
        self._book = book
        self._outbound = outbound
        self._store = store
        self._clock = clock
        self._renew = renew
        self._one_at_a_time = asyncio.Lock()

    def form(self) -> Sequence[FieldView]:
        """See the port."""
        return [
            FieldView(
                field.key, field.kind, field.zh, field.en, _shown(_DEFAULTS[field.key]),
                [ChoiceView(each.value, each.zh, each.en) for each in field.choices(self._book.config)], field.part,
            )
            for field in FIELDS
        ]  # fmt: skip

    async def plans(self) -> Sequence[PlanView]:
        """See the port."""
        configured = [
            PlanView(campaign.name, "config", _values(campaign), [], []) for campaign in self._book.config.campaigns
        ]
        return [*configured, *[await self._plan(name) for name in self._book.kept if name not in self._book.configured]]

    async def check(self, values: Mapping[str, PlanValue], *, of: str = "") -> PlanCheck:
        """See the port."""
        judged = await self._judge({**values, "name": of} if of else values)
        faults, name = list(judged.faults), str(values.get("name", ""))
        if not of and self._taken(name):
            faults = [_name_taken(name), *(fault for fault in faults if fault.key != "name")]
        return PlanCheck(_told(faults), _told(judged.warnings))

    async def make(self, values: Mapping[str, PlanValue], by: str) -> PlanView:
        """See the port."""
        async with self._one_at_a_time:
            name = str(values.get("name", ""))
            if self._taken(name):
                fault = _name_taken(name)
                raise LocalProtocolError(f"{fault.zh} / {fault.en}")
            _right(await self._judge(values))
            await self._store.campaign_plans.make(name, values, by)
            return await self._again(name)

    async def change(self, name: str, values: Mapping[str, PlanValue], by: str) -> PlanView | None:
        """See the port."""
        async with self._one_at_a_time:
            if name in self._book.configured:
                raise LocalProtocolError(
                    f"任务“{name}”在配置文件里，请在那里修改 / "
                    f"campaign {name!r} stands in the configuration; change it there"
                )
            if name not in self._book.kept:
                return None
            _right(await self._judge({**values, "name": name}))
            if not self._outbound.let_go(name):
                raise LocalProtocolError(
                    f"任务“{name}”正在进行，请先暂停并等通话结束 / "
                    f"campaign {name!r} is on the line; pause it and wait for its calls"
                )
            await self._store.campaign_plans.change(name, {**values, "name": name}, by)
            return await self._again(name)

    async def order(self, name: str, what: Order, by: str) -> bool:
        """See the port."""
        if name not in self._outbound.names:
            return False
        await carry_out_one(self, name, what, by, self._store.log)
        await self._store.log.flush()  # so that whoever asks next is shown what has become of it
        return True

    async def start(self, name: str) -> None:
        """See ``service.orders.Campaigns``; one that was stopped stays so."""
        if await self._state(name) == CampaignState.STOPPED:
            raise LocalProtocolError(
                f"任务“{name}”已停止，不能再开始，可另建一个 / campaign {name!r} was stopped for good; make another one"
            )
        await self._outbound.start(name)

    def pause(self, name: str) -> None:
        """See ``service.orders.Campaigns``."""
        self._outbound.pause(name)

    async def stop(self, name: str) -> None:
        """See ``service.orders.Campaigns``."""
        if await self._state(name) in _OVER:
            raise LocalProtocolError(f"任务“{name}”已经结束 / campaign {name!r} is over already")
        self._outbound.stop(name)

    async def rehearse(self, name: str) -> RehearsalView | None:
        """See the port."""
        terms, plan, now = self._outbound.terms(name), self._outbound.plan(name), self._clock.now()
        if terms is None or plan is None:
            return None
        found = await self._store.rehearsals.of(name, terms, plan.retry, plan.order, now)
        return rehearsal_view(name, now, found, forbidding_all(terms, now))

    def _taken(self, name: str) -> bool:
        return name in self._book.configured or name in self._book.kept

    async def _judge(self, values: Mapping[str, object]) -> Judged:
        return await asyncio.to_thread(judge, values, self._book.config)

    async def _again(self, name: str) -> PlanView:
        """What was kept holds, for the dialers too."""
        self._book.kept = {plan.name: plan for plan in await self._store.campaign_plans.all()}
        self._renew()
        return await self._plan(name)

    async def _plan(self, name: str) -> PlanView:
        kept = self._book.kept[name]
        judged = await self._judge(kept.values)
        return PlanView(
            name,
            "page",
            _values(judged.campaign) if judged.campaign is not None else _plain(kept.values),
            _told(judged.faults),
            _told(judged.warnings),
            kept.made_at,
            kept.made_by,
            kept.changed_at,
            kept.changed_by,
        )

    async def _state(self, name: str) -> str:
        found = await self._store.campaigns.get(name)
        return "" if found is None else found.state


def rehearsal_view(name: str, now: float, found: Rehearsal, forbidden: Rule | None) -> RehearsalView:
    """As the page and the command show it."""
    return RehearsalView(
        campaign=name,
        at=now,
        pending=found.pending,
        looked_at=found.looked_at,
        allowed=found.allowed,
        forbidden=None if forbidden is None else _decision(told(False, forbidden.name, None)),
        contacts=[RehearsedContact(it.contact, it.name, it.number, _decision(it.decision)) for it in found.shown],
        waiting=_counts(found.waiting),
        never=_counts(found.never),
        barred=_counts(found.barred),
    )


def _counts(by_rule: Mapping[str, int]) -> list[RuleCount]:
    """The most first."""
    known = [(words_of(rule), count) for rule, count in by_rule.items()]
    return [RuleCount(it.rule, it.zh, it.en, count) for it, count in sorted(known, key=lambda pair: -pair[1])]


def _decision(it: Decision) -> DecisionView:
    return DecisionView(it.allowed, it.rule, it.zh, it.en, it.not_before, it.for_good)


def _right(judged: Judged) -> CampaignConfig:
    """The campaign; ``ParseError`` with the first fault where it has one."""
    if judged.campaign is None:
        first = judged.faults[0]
        raise ParseError(f"{first.zh} / {first.en}", where=first.key)
    return judged.campaign


def _name_taken(name: str) -> Told:
    return Told("name", f"已有名为“{name}”的任务", f"there is a campaign {name!r} already")


def _told(items: Sequence[Told]) -> list[ToldView]:
    return [ToldView(it.key, it.zh, it.en) for it in items]


def _values(campaign: CampaignConfig) -> dict[str, PlanValue]:
    return _plain({field.key: attrgetter(field.key)(campaign) for field in FIELDS})


def _plain(values: Mapping[str, object]) -> dict[str, PlanValue]:
    found = {key: _shown(value) for key, value in values.items()}
    return {key: value for key, value in found.items() if value is not None}


def _shown(value: object) -> PlanValue | None:
    if isinstance(value, tuple | list):
        return [str(each) for each in value]
    return value if isinstance(value, str | bool | int | float) else None
