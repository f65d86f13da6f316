"""What deserves a second look at a right offer: it has ended, or fits nobody as the records are."""

import difflib
from collections.abc import Sequence
from datetime import date
from typing import Final

from desk.offers import MOST_YEARS, Offer
from service.form_reader import Told
from store.store import Store

_NEAR: Final = 0.5
"""So alike two names must be (of two Chinese characters: one of them) for the one to be taken for the other."""
_BOUNDS: Final = {
    "km": ("km_from", "里程", "Kilometres", "这个里程的车", "of these kilometres"),
    "years": ("years_from", "车龄", "Years old", "这个车龄的车", "so many years old while the offer holds"),
}


async def doubts(offer: Offer, today: date, store: Store) -> list[Told]:
    """What is said of ``offer`` at its fields, by the day and by the records of cars and owners. One that has ended is
    not looked up.
    """
    if offer.until < today:
        ended = f"Until: {offer.until} is over: the offer is made to nobody"
        return [Told("until", f"结束日：{offer.until} 已过，保存后也不会提供给任何人", ended)]
    reach = await store.tradein_offers.reach(offer, today)
    found: list[Told] = []
    if reach.models or reach.segments:
        known = await store.selections.offered()
        found += [_unknown("models", "旧车车型", "Old models", name, known.models) for name in reach.models]
        found += [_unknown("segments", "旧车级别", "Segments", name, known.segments) for name in reach.segments]
    bounded = offer.years_from > 0 or offer.years_to < MOST_YEARS
    if reach.bound == "km" or (reach.bound == "years" and bounded):
        key, zh, en, what_zh, what_en = _BOUNDS[reach.bound]
        found.append(Told(key, f"{zh}：档案里现在没有{what_zh}符合", f"{en}: no car on record that fits is {what_en}"))
    elif reach.bound == "cars" and not found and (offer.models or offer.segments):
        key, zh, en = ("models", "旧车车型", "Old models") if offer.models else ("segments", "旧车级别", "Segments")
        found.append(Told(key, f"{zh}：档案里现在没有车主有这样的车", f"{en}: no owner on record has such a car now"))
    return found


def _unknown(key: str, zh: str, en: str, name: str, known: Sequence[str]) -> Told:
    near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
    meant_zh, meant_en = (f"，是否指“{near[0]}”", f"; did you mean {near[0]!r}?") if near else ("", "")
    return Told(key, f"{zh}：档案里没有车是“{name}”{meant_zh}", f"{en}: no car on record is {name!r}{meant_en}")
