"""Surveys that agents fill in while they talk: what is asked, and what was answered."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.deps import ConsoleDeps
from console.form_ports import FormControl
from console.form_views import FormView
from console.guard import Guard
from console.problems import Problem, in_words, not_found
from console.sessions import Session

_LONGEST = 2000
_in_words: Final = partial(in_words, "form_closed", invalid="answer_refused", mend="Mend this field.")


class WantedAnswer(BaseModel):
    """What was answered to ``question``: a whole number, the value of an option, or the customer's words."""

    question: str = Field(min_length=1, max_length=64)
    answer: str = Field(max_length=_LONGEST)


def forms_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/calls/{call_id}/form`` and ``/calls/{call_id}/answers``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    def control() -> FormControl:
        if deps.forms is None:
            raise Problem(503, "forms are filled in in the running service only", code="unavailable")
        return deps.forms

    async def own(call_id: str, session: Session) -> str:
        """The agent who answers: he has talked in the call."""
        view = await control().of(call_id)
        if view is None:
            raise not_found("form of call", call_id)
        if not session.agent or session.agent not in view.agents:
            raise Problem(
                403,
                f"account {session.name!r} has not talked in this call",
                mend="Whoever talks with the customer fills in the form.",
                code="own_call_only",
            )
        return session.agent

    @router.get("/calls/{call_id}/form", summary="话术与问卷 Script and form")
    async def form(call_id: str, _session: Annotated[Session, Depends(guard.user)]) -> FormView | None:
        """The campaign's script and survey for whoever talks with the contact, with the answers so far; null for any
        other call. The events ``survey.answered`` and ``survey.taken_back`` of the call tell when to ask again.
        """
        return None if deps.forms is None else await deps.forms.of(call_id)

    @router.post("/calls/{call_id}/answers", summary="登记回答 Put an answer down")
    async def answer(
        call_id: str, wanted: WantedAnswer, session: Annotated[Session, Depends(guard.user)]
    ) -> FormView | None:
        """One answer, kept at once; given again it takes the place of the one before. For agents who talk in the call,
        until half an hour after its end (then 409). 422 names ``question`` where that is not asked after the answers
        so far, ``answer`` where it is none.
        """
        agent = await own(call_id, session)
        with _in_words():
            return await control().answer(agent, call_id, wanted.question, wanted.answer, session.name)

    @router.delete("/calls/{call_id}/answers/{question}", summary="收回回答 Take an answer back")
    async def take_back(
        call_id: str, question: str, session: Annotated[Session, Depends(guard.user)]
    ) -> FormView | None:
        """It counts as not answered; by the same rules."""
        agent = await own(call_id, session)
        with _in_words():
            return await control().take_back(agent, call_id, question)

    return router
