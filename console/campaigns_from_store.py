"""The store's queries about campaigns as the console's port; see ``console.from_store``."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.contact_filter import ContactFilter
from console.result_views import Answer, CampaignResult
from console.views import CampaignView
from reports.campaign_live import Stand
from reports.campaigns import CampaignReport
from reports.conversion import Conversion
from reports.effect import Effect
from store.rows import CampaignSummary, ContactResult
from store.store import Store

_RESULTS_PAGE: Final = 500


def _campaign(campaign: CampaignSummary) -> CampaignView:
    return CampaignView(
        id=campaign.name,
        title=campaign.name,
        state=campaign.state,
        contacts=campaign.contacts,
        tried=campaign.tried,
        finished=campaign.done,
        results=dict(campaign.results),
        created_at=campaign.created_at,
        why=campaign.why,
    )


def result_view(contact: ContactResult) -> CampaignResult:
    """A contact as the console shows him."""
    return CampaignResult(
        contact=contact.contact,
        name=contact.name,
        number=contact.number,
        result=contact.result,
        at=contact.called_at,
        call_id=contact.call_id,
        answers=[Answer(one.question, one.value, one.how, one.text, one.form, one.words) for one in contact.answers],
        called=contact.called,
        last=contact.last,
        again_at=contact.again_at,
        promised_at=contact.promised_at,
        wanted_agent=contact.wanted_agent,
        state=contact.state,
        dialled=contact.dialled,
        others=list(contact.others),
        fields=dict(contact.fields),
    )


class StoredCampaigns:
    """``console.ports.CampaignQueries``."""

    def __init__(self, store: Store, zone: str) -> None:
        self._campaigns = store.campaigns
        self._reports = store.campaign_reports
        self._stands = store.campaign_stands
        self._conversions = store.conversions
        self._effects = store.effects
        self._zone = zone

    def _day_of(self, at: float) -> date:
        return datetime.fromtimestamp(at, ZoneInfo(self._zone)).date()

    async def campaigns(self) -> Sequence[CampaignView]:
        """See the port."""
        return [_campaign(campaign) for campaign in await self._campaigns.list()]

    async def campaign(self, campaign: str) -> CampaignView | None:
        """See the port."""
        found = await self._campaigns.get(campaign)
        return None if found is None else _campaign(found)

    async def results(
        self, campaign: str, which: ContactFilter, *, limit: int, offset: int
    ) -> Sequence[CampaignResult]:
        """See the port."""
        found: list[CampaignResult] = []
        while True:
            step = min(_RESULTS_PAGE, limit - len(found))
            page = await self._campaigns.results(campaign, which, limit=step, offset=offset + len(found))
            found += [result_view(contact) for contact in page]
            if len(page) < step or len(found) >= limit:
                return found

    async def found(self, campaign: str, which: ContactFilter) -> int:
        """See the port."""
        return await self._campaigns.count(campaign, which)

    async def rounds(self, campaign: str) -> int:
        """See the port."""
        return await self._reports.rounds(campaign)

    async def report(self, campaign: str, now: float, chosen: int = 0) -> CampaignReport:
        """See the port."""
        return await self._reports.of(campaign, self._zone, now, chosen)

    async def conversion(self, campaign: str, days: int, now: float, chosen: int = 0) -> Conversion:
        """See the port."""
        return await self._conversions.of(campaign, days=days, now=now, day_of=self._day_of, chosen=chosen)

    async def effect(self, campaign: str, days: int) -> Effect | None:
        """See the port."""
        return await self._effects.of(campaign, days=days, day_of=self._day_of)

    async def stand(self, campaign: str, now: float) -> Stand:
        """See the port."""
        return await self._stands.of(campaign, now)
