"""Contacts of campaigns who were promised a call at a time."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from campaigns.facts import ContactPromised
from campaigns.promised import PromisedCall
from console.api import API
from console.api.row_id import RowId
from console.deps import ConsoleDeps
from console.guard import Guard, need_role
from console.problems import Problem, in_words, not_found
from console.sessions import Session

_FAR_S: Final = 90 * 86_400.0
_CLOCKS_DIFFER_S: Final = 60.0


class WantedPromise(BaseModel):
    """Call the contact at ``call_at`` (epoch seconds); ``agent`` is to do it ("": whoever is free)."""

    call_at: float = Field(ge=0)
    agent: str = Field(default="", max_length=64)
    note: str = Field(default="", max_length=500)


def promises_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/campaigns/{campaign}/contacts/{contact}/promise``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    @router.post("/campaigns/{campaign}/contacts/{contact}/promise", summary="约定回电时间 Promise a call")
    async def promise(
        campaign: str, contact: RowId, wanted: WantedPromise, session: Annotated[Session, Depends(guard.user)]
    ) -> PromisedCall:
        """He is called then, before all others of the campaign, however often he was tried before; refusals, lists and
        calling hours still hold: ``first_at`` is when he may be called first, ``rule``, ``zh`` and ``en`` say why not
        at ``call_at`` ("" where he is called then). Another promise takes its place. Agents promise for themselves,
        supervisors for anybody. A campaign that has finished goes on for it; one that is paused does not. 409 with the
        rule where he could never be called: he has refused, is held out, or the campaign was stopped for good.
        """
        need_role(session, "agent", "supervisor", "admin")
        agent = wanted.agent.strip()
        if session.role == "agent":
            if agent not in ("", session.agent):
                raise Problem(403, "agents promise for themselves", where="agent", code="role")
            agent = session.agent
        elif agent and agent not in {known.id for known in deps.directory.agents}:
            raise Problem(422, f"there is no agent {agent!r}", where="agent", mend="Give the id of an agent.")
        now = deps.clock.now()
        if not now - _CLOCKS_DIFFER_S <= wanted.call_at <= now + _FAR_S:
            raise Problem(422, "lies in the past, or too far ahead", where="call_at", mend="Give a time of 90 days.")
        promised = ContactPromised(campaign, contact, wanted.call_at, agent, session.name, wanted.note.strip())
        with in_words("promise_refused"):
            call = await deps.calling.promise(promised)
        if call is None:
            raise not_found("contact", str(contact))
        return call

    return router
