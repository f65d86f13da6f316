"""Selections: whom to call, by reason. Supervisors and admins."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from campaigns.holdout import MOST_PERCENT
from console.api import API
from console.deps import ConsoleDeps
from console.guard import Guard
from console.problems import Problem, not_found
from console.selection_ports import SelectionControl
from console.selection_views import (
    REASONS,
    FeedView,
    PreviewView,
    SelectionsView,
    SelectionView,
    preview_view,
    selection_view,
)
from console.sessions import Session
from desk.selection import MOST_CONDITIONS, MOST_NAMES, Condition, Reason
from reports.effect import Effect
from store.selections import NAME_LONGEST

_MOST: Final = 3_000_000


class WantedCondition(BaseModel):
    """``least`` to ``most``, both included, null: open; any of ``names``; ``negated``: it must not hold."""

    reason: Reason
    least: int | None = Field(default=None, ge=0, le=_MOST)
    most: int | None = Field(default=None, ge=0, le=_MOST)
    names: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=MOST_NAMES)
    negated: bool = False


class WantedConditions(BaseModel):
    """All must hold."""

    conditions: list[WantedCondition] = Field(min_length=1, max_length=MOST_CONDITIONS)

    def read(self) -> tuple[Condition, ...]:
        """As the house has them."""
        return tuple(
            Condition(one.reason, one.least, one.most, tuple(one.names), one.negated) for one in self.conditions
        )


class WantedSelection(WantedConditions):
    """Conditions to be kept; ``replaces``: the ``at`` of those whose place they take, null where the name is new."""

    name: str = Field(min_length=1, max_length=NAME_LONGEST)
    replaces: float | None = None


class WantedTaking(BaseModel):
    """Into which campaign; ``living``: from now on, and who matches ``again_days`` after his last call once more (0:
    never); ``hold_out`` percent are not called, to measure the effect (left out: as was settled before, or nobody).
    """

    campaign: str = Field(min_length=1, max_length=200)
    living: bool = False
    again_days: int = Field(default=0, ge=0, le=3650)
    hold_out: int | None = Field(default=None, ge=0, le=MOST_PERCENT)


def selections_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/selections``."""
    router = APIRouter(prefix=API, tags=["campaigns"])
    trusted = guard.trusted

    def desk() -> SelectionControl:
        if deps.selections is None:
            raise Problem(503, "selections are kept by the running service only", code="unavailable")
        return deps.selections

    async def named(name: str) -> SelectionView:
        found = next((one for one in await desk().all() if one.name == name), None)
        if found is None:
            raise not_found("selection", name)
        return selection_view(found)

    @router.get("/selections", summary="选人 Selections")
    async def selections(_session: Annotated[Session, Depends(trusted)]) -> SelectionsView:
        """Those that are kept, the campaigns that they feed, and what conditions there are to choose of."""
        offered = await desk().offered()
        return SelectionsView(
            selections=[selection_view(one) for one in await desk().all()],
            feeds=list(await desk().feeds()),
            reasons=REASONS,
            models=offered.models,
            segments=offered.segments,
            visits=offered.visits,
            offers=tuple(desk().offers()),
            campaigns=list(desk().campaigns()),
        )

    @router.post("/selections", status_code=201, summary="保存选择 Keep a selection")
    async def keep(wanted: WantedSelection, session: Annotated[Session, Depends(trusted)]) -> SelectionView:
        """A campaign that lives by it follows at its next look. 409 where other conditions have the name, and they are
        not those that ``replaces`` means: two people who change one selection do not undo each other's work.
        """
        return selection_view(await desk().keep(wanted.name, wanted.read(), session.name, replaces=wanted.replaces))

    @router.post("/selections/preview", summary="预览人数 Whom conditions mean")
    async def preview(wanted: WantedConditions, _session: Annotated[Session, Depends(trusted)]) -> PreviewView:
        """How many people, how many are left after each condition, how many are not barred, and the first twenty."""
        return preview_view(await desk().preview(wanted.read()))

    @router.get("/selections/{name}", summary="一个选择 One selection")
    async def selection_by_name(name: str, _session: Annotated[Session, Depends(trusted)]) -> SelectionView:
        """Its conditions, by whom and when they were kept."""
        return await named(name)

    @router.delete("/selections/{name}", status_code=204, summary="删除选择 Delete a selection")
    async def forget(name: str, _session: Annotated[Session, Depends(trusted)]) -> None:
        """409 while a campaign lives by it."""
        if not await desk().forget(name):
            raise not_found("selection", name)

    @router.post("/selections/{name}/take", status_code=202, summary="选入外呼任务 Into a campaign")
    async def take(name: str, wanted: WantedTaking, session: Annotated[Session, Depends(trusted)]) -> FeedView:
        """Whom it means comes into the campaign: all of them or none, whoever is there already is left out. 409 where
        another share of this campaign is held out.
        """
        await named(name)
        if wanted.campaign not in desk().campaigns():
            raise not_found("campaign", wanted.campaign)
        await desk().take(
            name,
            wanted.campaign,
            living=wanted.living,
            hold_out=wanted.hold_out,
            by=session.name,
            again_days=wanted.again_days,
        )
        return next(feed for feed in await desk().feeds() if feed.campaign == wanted.campaign)

    @router.get("/feeds/{campaign}/effect", summary="外呼效果 What a campaign brought")
    async def effect(
        campaign: str,
        _session: Annotated[Session, Depends(trusted)],
        days: Annotated[int, Query(ge=1, le=3650)] = 90,
    ) -> Effect:
        """Within ``days`` after its share was settled, against those who were held out of it; 404 where nobody was."""
        found = await desk().effect(campaign, days)
        if found is None:
            raise not_found("hold-out group", campaign)
        return found

    @router.delete("/feeds/{campaign}", status_code=204, summary="停止自动选入 Let a campaign live no more")
    async def disconnect(campaign: str, _session: Annotated[Session, Depends(trusted)]) -> None:
        """Who came in stays, nobody comes in any more."""
        if not await desk().disconnect(campaign):
            raise not_found("feed", campaign)

    return router
