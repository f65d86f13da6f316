"""Campaigns made and run by people: their form and plans, dry runs, start, pause, stop. Supervisors and admins."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from campaigns.script import LONGEST
from console.api import API
from console.campaign_ports import CampaignControl, Order
from console.campaign_views import FieldView, PlanCheck, PlanValue, PlanView, RehearsalView
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem, in_words, not_found
from console.sessions import Session
from core.numbers import mask

_Key = Annotated[str, Field(max_length=64)]
_Text = Annotated[str, Field(max_length=200)]
_Prose = Annotated[str, Field(max_length=LONGEST)]
_One = _Prose | bool | int | float
_Value = _One | Annotated[list[_Text], Field(max_length=50)] | Annotated[dict[_Key, _One], Field(max_length=60)]
_REFUSED = "campaign_refused"


class WantedPlan(BaseModel):
    """A campaign by the keys of [[campaign]]; what is left out holds as there. Those of a table in it stand in one here
    too, or each by both names: ``{"retry": {"busy": "1 h"}}`` is ``{"retry.busy": "1 h"}``.
    """

    values: Annotated[dict[_Key, _Value], Field(max_length=60)]


class ChangedPlan(WantedPlan):
    """``changed_at`` is the one of the plan that was looked at: 409 where somebody has changed it since."""

    changed_at: float | None = None


def campaign_desk_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaign-form``, ``/campaign-plans``, ``/campaign-check``, and changes under ``/campaigns``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    def desk() -> CampaignControl:
        if deps.campaign_desk is None:
            raise Problem(503, "campaigns are made in the running service only", code="unavailable")
        return deps.campaign_desk

    @router.get("/campaign-form", summary="任务表单 Form of a campaign")
    async def form(_session: Annotated[Session, Depends(guard.trusted)]) -> list[FieldView]:
        """The fields of a campaign with their defaults and choices, in which modes each counts, and what it does."""
        return list(await desk().form())

    @router.get("/campaign-plans", summary="任务设置 How campaigns call")
    async def plans(_session: Annotated[Session, Depends(guard.user)]) -> list[PlanView]:
        """All campaigns with how they call, those of the configuration first."""
        return [] if deps.campaign_desk is None else list(await deps.campaign_desk.plans())

    @router.post("/campaign-check", summary="检查任务 Check a campaign")
    async def check(
        wanted: WantedPlan,
        _session: Annotated[Session, Depends(guard.trusted)],
        of: Annotated[str, Query(max_length=200)] = "",
    ) -> PlanCheck:
        """What would be said of a new campaign, or of changes of the campaign ``of``; nothing is kept."""
        return await desk().check(_plain(wanted), of=of)

    @router.post("/campaigns", status_code=201, summary="新建任务 Make a campaign")
    async def make(wanted: WantedPlan, session: Annotated[Session, Depends(guard.trusted)]) -> PlanView:
        """Judged like one in the configuration: 422 names the first fault and its field. It does not begin to call."""
        _refuse_faults(await desk().check(_plain(wanted)))
        with in_words(_REFUSED):
            return await desk().make(_plain(wanted), session.name)

    @router.put("/campaigns/{campaign}", summary="修改任务 Change a campaign")
    async def change(
        campaign: str, wanted: ChangedPlan, session: Annotated[Session, Depends(guard.trusted)]
    ) -> PlanView:
        """All of it anew; its name stays. With ``changed_at`` as it was read, 409 ``changed_since`` says who has
        changed it meanwhile. While it runs or has calls up only ``live`` fields may change, which holds at
        once; 409 names the others, or says that it stands in the configuration.
        """
        if (name := wanted.values.get("name", campaign)) != campaign:
            mend = "Leave it out, or make another campaign."
            raise Problem(
                422,
                f"任务名称不能修改 / a campaign keeps its name, {campaign!r} is not {name!r}",
                where="name",
                mend=mend,
                code="invalid",
            )
        with in_words(_REFUSED):
            _refuse_faults(await desk().check(_plain(wanted), of=campaign))
            changed = await desk().change(campaign, _plain(wanted), session.name, seen=wanted.changed_at)
        if changed is None:
            raise not_found("campaign", campaign)
        return changed

    @router.delete("/campaigns/{campaign}", status_code=204, summary="删除任务 Remove a campaign")
    async def remove(campaign: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """One that was made on the page, while nothing has come of it; its name is free then. 409 where it stands in
        the configuration, was started, has contacts, is fed by a selection, or is asked for by one: stop it instead.
        """
        with in_words(_REFUSED):
            if not await desk().remove(campaign, session.name):
                raise not_found("campaign", campaign)

    def may_be_ordered(what: Order, summary: str, says: str) -> None:
        async def ordered(campaign: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
            with in_words(_REFUSED):
                if not await desk().order(campaign, what, session.name):
                    raise not_found("campaign", campaign)

        ordered.__doc__ = says
        path = f"/campaigns/{{campaign}}/{what}"
        router.add_api_route(path, ordered, methods=["POST"], status_code=204, summary=summary, name=f"{what}_campaign")

    may_be_ordered(
        "start",
        "开始或继续 Start",
        "Start or resume it; 409 says why that cannot be (a rule, an empty list, a survey without its recordings).",
    )
    may_be_ordered(
        "pause", "暂停 Pause", "No new calls from now on; those that are up go on. 409 where it does not run."
    )
    may_be_ordered("stop", "停止 Stop", "No new calls, for good: it cannot be started again. Calls that are up go on.")

    @router.get("/campaigns/{campaign}/dry-run", summary="试算 Dry run")
    async def dry_run(campaign: str, session: Annotated[Session, Depends(guard.user)]) -> RehearsalView:
        """Whom it would call now, by which rules the others would wait; nothing is changed. 409 says why it cannot call
        as things stand.
        """
        need_role(session, "supervisor", "admin", "viewer")
        with in_words(_REFUSED):
            found = await desk().rehearse(campaign)
        if found is None:
            raise not_found("campaign", campaign)
        if session.sees_numbers:
            return found
        return replace(found, contacts=[replace(it, number=mask(it.number)) for it in found.contacts])

    return router


def _plain(wanted: WantedPlan) -> dict[str, PlanValue]:
    """Keys of tables by both names, as they stand on the form."""
    found: dict[str, PlanValue] = {}
    for key, value in wanted.values.items():
        flat = {f"{key}.{inner}": each for inner, each in value.items()} if isinstance(value, dict) else {key: value}
        if twice := sorted(found.keys() & flat.keys()):
            raise Problem(422, f"{twice[0]} is told twice", where=twice[0], mend="Tell it once.", code="invalid")
        found |= flat
    return found


def _refuse_faults(found: PlanCheck) -> None:
    if found.faults:
        first = found.faults[0]
        raise Problem(422, f"{first.zh} / {first.en}", where=first.key, mend="Mend this field.", code="invalid")
