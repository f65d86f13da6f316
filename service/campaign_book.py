"""All campaigns of the house: those of the configuration, and those that supervisors have made on the page."""

import logging
from collections.abc import Iterable

from service.campaign_check import judge
from service.config_model import CampaignConfig, Config
from service.survey_book import SurveyBook
from store.campaign_plans import KeptPlan
from store.store import Store

_log = logging.getLogger("line400.service")


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

    def campaigns(self) -> tuple[CampaignConfig, ...]:
        """All that can be started. One that was made on the page, and that the configuration of today does not allow
        (its trunk is gone, say), is left out and the log says so.
        """
        configured = self.configured
        made = []
        for plan in self.kept.values():
            if plan.name in configured:
                _log.warning("campaign %s stands in the configuration too, which holds", plan.name)
                continue
            judged = judge(plan.values, self.config, self.surveys.made)
            if judged.campaign is None:
                _log.warning("campaign %s cannot be started: %s", plan.name, "; ".join(it.en for it in judged.faults))
            else:
                made.append(judged.campaign)
        return (*configured.values(), *made)


async def read_book(config: Config, store: Store) -> CampaignBook:
    """With what is kept in ``store``."""
    return CampaignBook(config, await store.campaign_plans.all(), SurveyBook(await store.survey_papers.all()))
