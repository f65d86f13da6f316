"""All campaigns of the house: those of the configuration, and those that supervisors have made on the page."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from service.campaign_check import judge
from service.config_model import CampaignConfig, Config
from service.form_reader import Told
from service.survey_book import SurveyBook
from service.survey_fault import survey_fault
from store.campaign_plans import KeptPlan
from store.store import Store

_log = logging.getLogger("line400.service")


@dataclass(frozen=True, slots=True)
class KnownCampaign:
    """A campaign that cannot call as things stand has ``faults``; ``read`` is how it is written, None where that cannot
    be understood any more.
    """

    name: str
    read: CampaignConfig | None
    faults: tuple[Told, ...]


class CampaignBook:
    """``config`` is the one that holds now. A campaign of the configuration goes before one of the same name that was
    made on the page. ``surveys`` are those that were written there.
    """

    def __init__(self, config: Config, kept: Iterable[KeptPlan], surveys: SurveyBook | None = None) -> None:
        self.config = config
        self.surveys = surveys or SurveyBook()
        self.kept = {plan.name: plan for plan in kept}

    @property
    def configured(self) -> dict[str, CampaignConfig]:
        """Those of the configuration, by name."""
        return {campaign.name: campaign for campaign in self.config.campaigns}

    @property
    def names(self) -> tuple[str, ...]:
        """All campaigns, those too that cannot call as things stand."""
        return tuple(dict.fromkeys((*self.configured, *self.kept)))

    def known(self, name: str) -> KnownCampaign | None:
        """One of them, judged by what there is now: some milliseconds, as its survey is read. None where there is none
        of that name.
        """
        configured = self.configured.get(name)
        if configured is not None:
            fault = survey_fault(configured, self.config, self.surveys.made)
            return KnownCampaign(name, configured, (fault,) if fault else ())
        plan = self.kept.get(name)
        if plan is None:
            return None
        judged = judge(plan.values, self.config, self.surveys.made)
        return KnownCampaign(name, judged.read, judged.faults)

    def all(self) -> tuple[KnownCampaign, ...]:
        """Those of the configuration first. The log says which cannot call (their trunk is gone, say)."""
        for name in self.kept.keys() & self.configured.keys():
            _log.warning("campaign %s stands in the configuration too, which holds", name)
        found = tuple(it for it in map(self.known, self.names) if it is not None)
        for it in found:
            if it.faults:
                _log.warning("campaign %s cannot call: %s", it.name, "; ".join(fault.en for fault in it.faults))
        return found

    def campaigns(self) -> tuple[CampaignConfig, ...]:
        """All that can be started."""
        return tuple(it.read for it in self.all() if it.read is not None and not it.faults)


async def read_book(config: Config, store: Store) -> CampaignBook:
    """With what is kept in ``store``."""
    return CampaignBook(config, await store.campaign_plans.all(), SurveyBook(await store.survey_papers.all()))
