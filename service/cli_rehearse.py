"""``line400 campaign dry-run``: whom a campaign would call now, and why the others would wait."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.rehearsal import Rehearsal, words_of
from campaigns.rules.decide import forbidding_all
from campaigns.rules.values import Rule
from core.errors import ConfigError
from core.numbers import mask
from service.campaign_book import read_book
from service.campaign_fit import unfit
from service.config_calling import rules_of
from service.config_model import Config
from service.from_config import hours_of, plan_of
from store.store import Store


async def rehearse(name: str, config: Config, store: Store, now: float) -> list[str]:
    """What is told, a line each. ``ConfigError`` where no campaign ``name`` can be started."""
    book = await read_book(config, store)
    campaigns = {it.name: it for it in book.campaigns()}
    if why := unfit(name, book):
        raise ConfigError([why])
    if name not in campaigns:
        raise ConfigError([f"there is no campaign {name!r}; known are: {', '.join(book.names)}"])
    plan = plan_of(campaigns[name], config)
    terms = plan.terms(rules_of(config, hours_of(config)))
    found = await store.rehearsals.of(name, terms, plan.retry, plan.order, now)
    return list(_lines(found, forbidding_all(terms, now), ZoneInfo(config.zone)))


def _lines(found: Rehearsal, forbidden: Rule | None, zone: ZoneInfo) -> Iterator[str]:
    if forbidden is not None:
        yield f"现在不能拨打任何人 / nobody may be called: {forbidden.zh} / {forbidden.en}"
    yield (
        f"待拨 / pending {found.pending}  已看 / looked at {found.looked_at}  "
        f"现在可拨 / may be called now {found.allowed}"
    )
    for one in found.shown:
        at = one.decision.not_before
        until = "" if at is None else f"  {datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"
        words = f"{one.decision.zh} / {one.decision.en}"
        yield f"  {one.contact}  {one.name}  {mask(one.number)}  {words}{until}"
    parts = (
        ("要等 / would wait", found.waiting),
        ("不会拨打 / would never be called", found.never),
        ("已不拨 / passed over for good", found.barred),
    )
    for title, counted in parts:
        for rule, count in sorted(counted.items(), key=lambda pair: -pair[1]):
            known = words_of(rule)
            yield f"{title}: {count}  {known.zh} / {known.en}"
