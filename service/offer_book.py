"""All trade-in offers of the house: those that people have made on the page, and those of the configuration; and what
the checks of [[offer]] say of one that is filled in.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.toml_lines import KeyPath
from desk.offers import MOST_KM, MOST_YEARS, Offer
from service.config_model import Config
from service.config_offers import MAX_OFFERS, MOST_YUAN, check_offers
from service.form_reader import FormReader, Told, unknown_key
from store.tradein_offers import KeptOffer

_log = logging.getLogger("line400.service")
_TABLE: Final = "offer"
_NEEDED: Final = ("name", "to", "since", "until")
_DAY_ZH: Final = "请填日期，例如 2026-11-30"
_YEARS_ZH: Final = f"年数是 0 到 {MOST_YEARS}，后一个不小于前一个"
_KM_ZH: Final = f"公里数是 0 到 {MOST_KM} 的整数，后一个不小于前一个"
_SAID: Final[Mapping[str, tuple[str, str, str]]] = {
    "name": ("方案名称", "Offer", "最多 60 个字，不含逗号，前后没有空格，且不能与其他方案重名"),
    "to": ("新车", "New model", "请填写新车车型"),
    "models": ("旧车车型", "Old models", "每个车型都要有名称"),
    "segments": ("旧车级别", "Segments", "每个级别都要有名称"),
    "years_from": ("车龄起", "Years from", _YEARS_ZH),
    "years_to": ("车龄止", "Years to", _YEARS_ZH),
    "km_from": ("里程起", "Kilometres from", _KM_ZH),
    "km_to": ("里程止", "Kilometres to", _KM_ZH),
    "subsidy_yuan": ("补贴（元）", "Subsidy (yuan)", f"补贴是 0 到 {MOST_YUAN} 的整数"),
    "since": ("开始日", "From", _DAY_ZH),
    "until": ("结束日", "Until", f"{_DAY_ZH}，不早于开始日"),
    "launch": ("上市日", "Launch", _DAY_ZH),
}
"""By key of [[offer]]: its title, and in Chinese what it must be; the checks say it in English."""
_OTHER_KEY: Final = re.compile(r"\b(since|until|years_from|km_from)(?= \()")
"""A key as the checks name it beside its value."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The offer, None where it has ``faults``; ``warnings`` are of what works but deserves a second look."""

    offer: Offer | None
    faults: tuple[Told, ...]
    warnings: tuple[Told, ...]


def judge(terms: Mapping[str, object], config: Config) -> Judged:
    """What the configuration would say of an [[offer]] with ``terms``."""
    place = len(config.offers)
    reader = FormReader((_TABLE, place))
    missing = [
        Told(key, f"{_SAID[key][0]}：请填写{_SAID[key][0]}", f"{_SAID[key][1]}: is missing")
        for key in _NEEDED
        if key not in terms
    ]
    made = reader.record(Offer, _TABLE, (_TABLE, place), terms, anyhow=True)
    if made is not None:
        reader.judge_together()
        check_offers(replace(config, offers=(*config.offers, made)), reader)
    faults = (*missing, *(_told(path, text) for path, text in reader.faults))
    if faults or made is None:
        return Judged(None, faults, ())
    return Judged(made, (), tuple(_warned(path, text, made) for path, text in reader.warned))


class OfferBook:
    """``config`` tells the one that holds now. ``kept`` are those of the page, in their order."""

    def __init__(self, config: Callable[[], Config], kept: Iterable[KeptOffer]) -> None:
        self._config = config
        self._kept = tuple(kept)
        self._known: tuple[Config, tuple[Offer, ...]] | None = None

    @property
    def config(self) -> Config:
        """The one that holds now."""
        return self._config()

    @property
    def kept(self) -> tuple[KeptOffer, ...]:
        """Those of the page which the configuration does not name as well."""
        configured = {offer.name for offer in self.config.offers}
        return tuple(each for each in self._kept if each.name not in configured)

    def renew(self, kept: Iterable[KeptOffer]) -> None:
        """These are kept from now on."""
        self._kept, self._known = tuple(kept), None

    def offers(self) -> tuple[Offer, ...]:
        """All, in the order in which they are looked at: those of the page go before those of the configuration. One of
        the page that cannot be any more is left out, and the log says so.
        """
        config = self.config
        if self._known is None or self._known[0] is not config:
            self._known = config, offers_of(config, self._kept)
        return self._known[1]

    def full(self) -> bool:
        """Whether there can be no more."""
        return len(self._kept) + len(self.config.offers) >= MAX_OFFERS


def offers_of(config: Config, kept: Iterable[KeptOffer]) -> tuple[Offer, ...]:
    """As ``OfferBook.offers``."""
    configured = {offer.name for offer in config.offers}
    made = []
    for each in kept:
        if each.name in configured:
            _log.warning("trade-in offer %s stands in the configuration too, which holds", each.name)
            continue
        judged = judge(each.terms, config)
        if judged.offer is None:
            _log.warning("trade-in offer %s is not made: %s", each.name, "; ".join(it.en for it in judged.faults))
        else:
            made.append(judged.offer)
    return (*made, *config.offers)


def _told(path: KeyPath, text: str) -> Told:
    key = str(path[0]) if path else "name"
    if key not in _SAID:
        return unknown_key(key, _SAID, text)
    zh, en, wrong_zh = _SAID[key]
    return Told(key, f"{zh}：{wrong_zh}", f"{en}: {_on_the_page(text)}")


def _warned(path: KeyPath, text: str, made: Offer) -> Told:
    key = str(path[0]) if path else "name"
    zh, en, _wrong = _SAID[key]
    told = text
    if key == "launch" and made.launch is not None:
        late = f"在结束日（{made.until}）之后，到那时方案已结束"
        told = late if made.launch > made.until else f"早于开始日（{made.since}），到那时方案还没有开始"
    return Told(key, f"{zh}：{told}", f"{en}: {_on_the_page(text)}")


def _on_the_page(text: str) -> str:
    """What the checks say for readers of the file, with the fields' titles in place of keys, and without its syntax."""
    titled = _OTHER_KEY.sub(lambda found: _SAID[found[1]][1], text)
    return titled.partition("; write [")[0]
