"""How the lists of a campaign share its calls."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from campaigns.facts import ListShareChanged
from campaigns.list_order import HEAVIEST
from console.api import API
from console.api.row_id import RowId
from console.deps import ConsoleDeps
from console.guard import Guard
from console.problems import not_found
from console.sessions import Session
from store.list_shares import ListShare

_MOST: Final = 1_000_000


class WantedShare(BaseModel):
    """``weight`` of the campaign's calls, until ``quota`` contacts have completed (0: no limit)."""

    weight: int = Field(default=1, ge=1, le=HEAVIEST)
    quota: int = Field(default=0, ge=0, le=_MOST)


def list_shares_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaigns/{campaign}/lists``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    @router.get("/campaigns/{campaign}/lists", summary="任务的名单与配比 Lists of a campaign")
    async def lists(campaign: str, _session: Annotated[Session, Depends(guard.user)]) -> Sequence[ListShare]:
        """Those that were taken into it, the oldest first, with their weights, quotas and how many completed."""
        return await deps.list_shares.of(campaign) if deps.list_shares is not None else []

    @router.put("/campaigns/{campaign}/lists/{list_id}", status_code=204, summary="名单配比 Share of a list")
    async def change(
        campaign: str, list_id: RowId, wanted: WantedShare, session: Annotated[Session, Depends(guard.trusted)]
    ) -> None:
        """It holds from the next contact on. While all lists have the same weight they are gone through in the order of
        the campaign; else each gets calls by its weight.
        """
        changed = ListShareChanged(campaign, list_id, wanted.weight, wanted.quota, session.name)
        if deps.list_shares is None or not await deps.list_shares.change(changed):
            raise not_found("list", str(list_id))

    return router
