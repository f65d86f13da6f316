"""``console.campaign_ports.CampaignControl``: campaigns are made, changed, tried out and run by people."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
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
    FormField,
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
from service.campaign_check import Judged, judge, sorted_out
from service.campaign_choices import Choice, survey_choice
from service.campaign_field import Field
from service.campaign_fields import DEFAULTS, FIELDS, counts
from service.campaign_fit import unfit
from service.changed_since import refuse_changed
from service.config_campaigns import survey_name_of
from service.config_model import CampaignConfig
from service.form_reader import Told
from service.orders import carry_out_one, forget_order
from service.outbound import Outbound, stopped_for_good
from store.campaign_removal import coming_in
from store.store import Store


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
        self.arriving: Callable[[str], bool] = lambda name: False
        """Whether people are on their way into a campaign whom the store does not know of yet."""

    async def form(self) -> Sequence[FieldView]:
        """See the port. In a thread, as the surveys are read."""
        return await asyncio.to_thread(lambda: [_field(field, self._choices(field)) for field in FIELDS])

    async def plans(self) -> Sequence[PlanView]:
        """See the port."""
        configured = [await self._configured(campaign) for campaign in self._book.config.campaigns]
        return [*configured, *[await self._plan(name) for name in self._book.kept if name not in self._book.configured]]

    async def check(self, values: Mapping[str, PlanValue], *, of: str = "") -> PlanCheck:
        """See the port."""
        if of in self._book.configured:
            raise _in_the_file(of)
        counting, in_vain = sorted_out({**values, "name": of} if of else values)
        judged = await self._judge(counting)
        faults, name = list(judged.faults), str(values.get("name", ""))
        if not of and self._taken(name):
            faults = [_name_taken(name), *(fault for fault in faults if fault.key != "name")]
        return PlanCheck(_told(faults), _told((*judged.warnings, *in_vain)))

    async def make(self, values: Mapping[str, PlanValue], by: str) -> PlanView:
        """See the port."""
        async with self._one_at_a_time:
            name = str(values.get("name", ""))
            if self._taken(name):
                fault = _name_taken(name)
                raise LocalProtocolError(f"{fault.zh} / {fault.en}")
            counting, in_vain = sorted_out(values)
            _right(await self._judge(counting))
            await forget_order(self._store.settings, name)
            await self._store.campaign_plans.make(name, _plain(counting), by)
            return await self._again(name, in_vain)

    async def change(
        self, name: str, values: Mapping[str, PlanValue], by: str, *, seen: float | None = None
    ) -> PlanView | None:
        """See the port."""
        async with self._one_at_a_time:
            if name in self._book.configured:
                raise _in_the_file(name)
            if name not in self._book.kept:
                return None
            await self._store.campaigns.refuse_stopped(name)
            kept = self._book.kept[name]
            refuse_changed(seen, kept.changed_at, kept.changed_by, self._book.config.zone)
            counting, in_vain = sorted_out({**values, "name": name})
            wanted = _right(await self._judge(counting))
            if not self._outbound.let_go(name):
                _refuse_held(name, (await self._judge(self._book.kept[name].values)).campaign, wanted)
            await self._store.campaign_plans.change(name, _plain(counting), by)
            view = await self._again(name, in_vain)
            self._outbound.replan(name)
            return view

    async def remove(self, name: str, by: str) -> bool:
        """See the port. While it is done nobody comes in: who was before is seen by the store, later ones are told
        that there is none.
        """
        async with self._one_at_a_time:
            if name in self._book.configured:
                raise LocalProtocolError(
                    f"任务“{name}”在配置文件里，请在那里删除 / "
                    f"campaign {name!r} stands in the configuration; remove it there"
                )
            if name not in self._book.kept:
                return False
            await self._store.campaign_plans.refuse_to_remove(name)
            if self.arriving(name):
                raise coming_in(name)
            del self._book.kept[name]
            self._outbound.forget(name)
            try:
                return await self._store.campaign_plans.remove(name, by)
            finally:
                await self._renewed()

    async def order(self, name: str, what: Order, by: str) -> bool:
        """See the port."""
        if name not in self.names:
            return False
        await carry_out_one(self, name, what, by, self._store.log)
        await self._store.log.flush()  # so that whoever asks next is shown what has become of it
        return True

    async def start(self, name: str) -> None:
        """See ``service.orders.Campaigns``; one that was stopped stays so."""
        if await self._state(name) == CampaignState.STOPPED:
            raise stopped_for_good(name)
        await self._refuse_unfit(name)
        await self._outbound.start(name)

    def pause(self, name: str) -> None:
        """See ``service.orders.Campaigns``."""
        self._outbound.pause(name)

    async def stop(self, name: str) -> None:
        """See ``service.orders.Campaigns``; one that has finished its list would go on for whoever comes next."""
        async with self._one_at_a_time:
            if name not in self.names:
                raise LocalProtocolError(f"没有任务“{name}” / there is no campaign {name!r}")
            if await self._state(name) == CampaignState.STOPPED:
                raise LocalProtocolError(f"任务“{name}”已经永久停止 / campaign {name!r} was stopped for good already")
            self._outbound.stop(name)

    async def rehearse(self, name: str) -> RehearsalView | None:
        """See the port."""
        await self._refuse_unfit(name)
        terms, plan, now = self._outbound.terms(name), self._outbound.plan(name), self._clock.now()
        if terms is None or plan is None:
            return None
        found = await self._store.rehearsals.of(name, terms, plan.retry, plan.order, now)
        return rehearsal_view(name, now, found, forbidding_all(terms, now))

    @property
    def names(self) -> tuple[str, ...]:
        """All campaigns, those too that cannot call as things stand."""
        return self._book.names

    async def _refuse_unfit(self, name: str) -> None:
        """``LocalProtocolError`` where the campaign could not call; the dialers are told of one that was mended."""
        if why := await asyncio.to_thread(unfit, name, self._book):
            raise LocalProtocolError(why)
        if not self._outbound.able(name):
            self._renew()

    def _taken(self, name: str) -> bool:
        return name in self._book.names

    async def _judge(self, values: Mapping[str, object]) -> Judged:
        return await asyncio.to_thread(judge, values, self._book.config, self._book.surveys.made)

    def _choices(self, field: Field) -> list[Choice]:
        """Of surveys those that were written on the page too, beside those of the configuration."""
        known = field.choices(self._book.config)
        names = {choice.value for choice in known}
        made = self._book.surveys.made if field.key == "survey" else {}
        return [*known, *(survey_choice(name, it) for name, it in made.items() if name not in names)]

    async def _again(self, name: str, in_vain: Sequence[Told]) -> PlanView:
        """What was kept holds; ``in_vain`` was not."""
        await self._renewed()
        view = await self._plan(name)
        return replace(view, warnings=[*view.warnings, *_told(in_vain)])

    async def _renewed(self) -> None:
        """What is kept holds, for the dialers too."""
        self._book.kept = {plan.name: plan for plan in await self._store.campaign_plans.all()}
        self._renew()

    async def _configured(self, campaign: CampaignConfig) -> PlanView:
        known = await asyncio.to_thread(self._book.known, campaign.name)
        return PlanView(campaign.name, "config", _values(campaign), _told(known.faults if known else ()), [])

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


def _refuse_held(name: str, before: CampaignConfig | None, wanted: CampaignConfig) -> None:
    """``LocalProtocolError`` where ``wanted`` differs in what holds while the campaign is on the line."""
    fixed = [field for field in FIELDS if not field.live]
    held = [it for it in fixed if before is None or _value(before, it.key) != _value(wanted, it.key)]
    if held:
        zh, en = "、".join(field.zh for field in held), ", ".join(field.key for field in held)
        raise LocalProtocolError(
            f"任务“{name}”正在进行，要改这些请先暂停并等通话结束：{zh} / "
            f"campaign {name!r} is on the line; pause it and wait for its calls to change {en}"
        )


def _in_the_file(name: str) -> LocalProtocolError:
    return LocalProtocolError(
        f"任务“{name}”在配置文件里，请在那里修改 / campaign {name!r} stands in the configuration; change it there"
    )


def _name_taken(name: str) -> Told:
    return Told("name", f"已有名为“{name}”的任务", f"there is a campaign {name!r} already")


def _told(items: Sequence[Told]) -> list[ToldView]:
    return [ToldView(it.key, it.zh, it.en) for it in items]


def _values(campaign: CampaignConfig) -> dict[str, PlanValue]:
    return _plain({it.key: _value(campaign, it.key) for it in FIELDS if counts(it.key, campaign.mode)})


def _value(campaign: CampaignConfig, key: str) -> object:
    """As it works: the usual survey by its name."""
    value: object = survey_name_of(campaign) if key == "survey" else attrgetter(key)(campaign)
    return value


def _field(field: Field, choices: Sequence[Choice]) -> FieldView:
    said = {column.name: getattr(field, column.name) for column in fields(FormField)}
    return FieldView(**said, default=_shown(DEFAULTS[field.key]), choices=[_choice(each) for each in choices])


def _choice(it: Choice) -> ChoiceView:
    return ChoiceView(it.value, it.zh, it.en, it.hint_zh, it.hint_en, list(it.modes), *it.group)


def _plain(values: Mapping[str, object]) -> dict[str, PlanValue]:
    found = {key: _shown(value) for key, value in values.items()}
    return {key: value for key, value in found.items() if value is not None}


def _shown(value: object) -> PlanValue | None:
    if isinstance(value, tuple | list):
        return [str(each) for each in value]
    return value if isinstance(value, str | bool | int | float) else None
