"""Trade-in offers: seen by all, made, changed, put before others, ended and removed by supervisors and admins."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictFloat, StrictInt

from console.api import API
from console.api.paper import sheet_paper
from console.campaign_views import PlanCheck, PlanValue
from console.deps import ConsoleDeps
from console.guard import Guard
from console.offer_ports import OfferControl
from console.problems import Problem, in_words, not_found
from console.sessions import Session
from console.sheets import Kind, written
from console.tradein_papers import offers_table
from console.tradein_views import OfferView
from core.typed import number_typed
from desk.offers import MOST_KM, MOST_YEARS

_Text = Annotated[str, Field(max_length=200)]
_Texts = Annotated[list[_Text], Field(max_length=200)]
_Number = Annotated[StrictInt | StrictFloat | _Text, BeforeValidator(number_typed)]
"""A text that is no number is refused in the words of the form."""
_REFUSED = "offer_refused"


class WantedOffer(BaseModel):
    """An offer by the keys of [[offer]]; days as 2026-11-30. Without ``launch`` (or with an empty one) there is none;
    without ``models`` and ``segments`` it is for all cars.
    """

    model_config = ConfigDict(extra="forbid")

    name: _Text
    to: _Text
    since: _Text
    until: _Text
    subsidy_yuan: _Number = 0
    models: _Texts = []
    segments: _Texts = []
    years_from: _Number = 0
    years_to: _Number = MOST_YEARS
    km_from: _Number = 0
    km_to: _Number = MOST_KM
    launch: _Text | None = None

    def terms(self) -> Mapping[str, PlanValue]:
        """By the keys of [[offer]]."""
        return {key: value for key, value in self.model_dump().items() if key != "launch" or value}


class ChangedOffer(WantedOffer):
    """``changed_at`` is the one of the offer that was looked at: 409 where somebody has changed it since."""

    changed_at: float | None = None

    def terms(self) -> Mapping[str, PlanValue]:
        """By the keys of [[offer]]."""
        return {key: value for key, value in super().terms().items() if key != "changed_at"}


def offers_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/tradein/offers``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    def desk() -> OfferControl:
        if deps.offers is None:
            raise Problem(503, "offers are made in the running service only", code="unavailable")
        return deps.offers

    @router.get("/tradein/offers", summary="置换方案 Trade-in offers")
    async def offers(_session: Annotated[Session, Depends(guard.user)]) -> Sequence[OfferView]:
        """Those of the page, then those of the configuration: the first that fits a car is the one that is made."""
        return [] if deps.offers is None else await deps.offers.offers()

    @router.get("/tradein/offers.{kind}", summary="置换方案下载 Offers as a table", response_class=Response)
    async def sheet(kind: Kind, _session: Annotated[Session, Depends(guard.trusted)]) -> Response:
        """The same as CSV or XLSX, with how many owners each fits now."""
        found, fitting = await desk().offers(), await desk().fitting()
        body = await asyncio.to_thread(lambda: written(offers_table(found, fitting), kind))
        return sheet_paper(body, kind, "offers")

    @router.get("/tradein/offers/fitting", summary="方案适用人数 Whom offers fit")
    async def fitting(_session: Annotated[Session, Depends(guard.trusted)]) -> Mapping[str, int]:
        """How many people each offer that has not ended fits by the cars that they have now, by its name."""
        return await desk().fitting()

    @router.post("/tradein/offers/check", summary="检查方案 Check an offer")
    async def check(
        wanted: WantedOffer,
        _session: Annotated[Session, Depends(guard.trusted)],
        of: Annotated[str, Query(max_length=200)] = "",
    ) -> PlanCheck:
        """What would be said of a new offer, or of changes of the offer ``of``; nothing is kept. With ``faults`` it
        cannot be kept; ``warnings`` (of one without faults) deserve a second look: it has ended, its launch is outside
        its days, a model or segment that no car on record has, bounds that fit none.
        """
        return await desk().check(wanted.terms(), of=of)

    @router.post("/tradein/offers", status_code=201, summary="新建方案 Make an offer")
    async def make(wanted: WantedOffer, session: Annotated[Session, Depends(guard.trusted)]) -> OfferView:
        """Judged like one in the configuration: 422 names the first fault and its field. It stands before all others
        and holds at once, on agents' cards too.
        """
        with in_words(_REFUSED):
            return await desk().make(wanted.terms(), session.name)

    @router.put("/tradein/offers/{name:path}", summary="修改方案 Change an offer")
    async def change(name: str, wanted: ChangedOffer, session: Annotated[Session, Depends(guard.trusted)]) -> OfferView:
        """All of it anew, at once; its name stays. With ``changed_at`` as it was read, 409 ``changed_since`` says who
        has changed it meanwhile. 409 where it stands in the configuration, too.
        """
        with in_words(_REFUSED):
            return _known(name, await desk().change(name, wanted.terms(), session.name, seen=wanted.changed_at))

    @router.post("/tradein/offers/{name:path}/end", summary="结束方案 End an offer")
    async def end(name: str, session: Annotated[Session, Depends(guard.trusted)]) -> OfferView:
        """Nobody is offered it from now on, and nobody is invited to its launch. 409 where it has ended, has not begun
        (remove it), or stands in the configuration.
        """
        with in_words(_REFUSED):
            return _known(name, await desk().end(name, session.name))

    @router.post("/tradein/offers/{name:path}/up", summary="上移方案 Put an offer before the one before it")
    async def up(name: str, session: Annotated[Session, Depends(guard.trusted)]) -> OfferView:
        """Where both fit a car, this one is made. 409 where it is the first, or stands in the configuration."""
        with in_words(_REFUSED):
            return _known(name, await desk().up(name, session.name))

    @router.delete("/tradein/offers/{name:path}", status_code=204, summary="删除方案 Remove an offer")
    async def remove(name: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """409 while a kept selection asks for it, or where it stands in the configuration."""
        with in_words(_REFUSED):
            if not await desk().remove(name, session.name):
                raise not_found("offer", name)

    return router


def _known(name: str, found: OfferView | None) -> OfferView:
    if found is None:
        raise not_found("offer", name)
    return found
