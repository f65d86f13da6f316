"""What the console needs of other rooms to show, make and run campaigns, by the rules of ``console.ports``."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from campaigns.contact_filter import ContactFilter
from console.campaign_views import FieldView, PlanCheck, PlanValue, PlanView, RehearsalView
from console.result_views import CampaignResult
from console.views import CampaignView
from reports.campaign_live import Stand
from reports.campaigns import CampaignReport
from reports.conversion import Conversion
from reports.effect import Effect

Order: TypeAlias = Literal["start", "pause", "stop"]


class CampaignQueries(Protocol):
    """Dial lists and their results."""

    async def campaigns(self) -> Sequence[CampaignView]:
        """All campaigns, newest first."""
        ...

    async def campaign(self, campaign: str) -> CampaignView | None:
        """One of them."""
        ...

    async def results(
        self, campaign: str, which: ContactFilter, *, limit: int, offset: int
    ) -> Sequence[CampaignResult]:
        """Its contacts with what came of them, in the order of the list."""
        ...

    async def found(self, campaign: str, which: ContactFilter) -> int:
        """How many ``results`` there are in all."""
        ...

    async def rounds(self, campaign: str) -> int:
        """In how many rounds it has called: 1 where nobody was called anew."""
        ...

    async def report(self, campaign: str, now: float, chosen: int = 0) -> CampaignReport:
        """What it has come to until ``now``, in all rounds (0) or the one ``chosen``."""
        ...

    async def conversion(self, campaign: str, days: int, now: float, chosen: int = 0) -> Conversion:
        """Who of those whom it called (in the round ``chosen``) came and bought within ``days`` after he was reached,
        as far as is known ``now``.
        """
        ...

    async def effect(self, campaign: str, days: int) -> Effect | None:
        """What it brought within ``days`` against those who were held out of it; None where nobody was."""
        ...

    async def stand(self, campaign: str, now: float) -> Stand:
        """Where it stands ``now``."""
        ...


class CampaignControl(Protocol):
    """Campaigns of the configuration and those that supervisors have made. ``by`` is the account that asks."""

    async def form(self) -> Sequence[FieldView]:
        """What a supervisor may say of a campaign, in the order of the form."""
        ...

    async def plans(self) -> Sequence[PlanView]:
        """Those of the configuration first."""
        ...

    async def check(self, values: Mapping[str, PlanValue], *, of: str = "") -> PlanCheck:
        """What would be said of a new campaign with ``values``, or of changes of ``of``; nothing is kept.
        ``LocalProtocolError`` where that is one of the configuration.
        """
        ...

    async def make(self, values: Mapping[str, PlanValue], by: str) -> PlanView:
        """Keep a new one; ``ParseError`` names the first fault and its field, ``LocalProtocolError`` where its name is
        taken.
        """
        ...

    async def change(
        self, name: str, values: Mapping[str, PlanValue], by: str, *, seen: float | None = None
    ) -> PlanView | None:
        """These hold from its next start on, and at once where it runs; None where there is no campaign ``name``,
        ``ChangedSince`` where it is not as it was ``seen`` (its ``changed_at``) any more, ``LocalProtocolError`` where
        it is one of the configuration, was stopped for good, or something else than ``live`` fields would change while
        it runs or has calls up.
        """
        ...

    async def remove(self, name: str, by: str) -> bool:
        """Nothing is left of it, its name is free; False where there is no campaign ``name``, ``LocalProtocolError``
        where it is one of the configuration, was started, has contacts, or something else goes by it.
        """
        ...

    async def order(self, name: str, what: Order, by: str) -> bool:
        """Do it at once; False where there is no campaign ``name``, ``LocalProtocolError`` says why it cannot be."""
        ...

    async def rehearse(self, name: str) -> RehearsalView | None:
        """Whom it would call now; None where there is no campaign ``name``, ``LocalProtocolError`` says why it cannot
        call as things stand.
        """
        ...
