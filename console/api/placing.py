"""An agent calls somebody outside from his page: his own phone rings first, then the other's."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from console.api import API
from console.api.calls import known_call
from console.api.may_call import told_as_refused
from console.deps import ConsoleDeps
from console.guard import Guard, own_agent
from console.problems import Problem
from console.sessions import Session
from core.errors import ParseError
from core.numbers import customer_number, normalise


class WantedCall(BaseModel):
    """Whom to call: a ``number``, or whoever called, or was called, in ``call_id``. Who sees numbers masked calls
    people back by that. ``despite``: why, though he is not to be called.
    """

    number: str = Field(default="", max_length=40)
    call_id: str = Field(default="", max_length=80)
    despite: str = Field(default="", max_length=200)


@dataclass(frozen=True, slots=True)
class CallPlacing:
    """The call that is being made; the agent's phone rings."""

    call_id: str
    agent: str


def placing_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Route ``/agents/{agent}/calls``."""
    router = APIRouter(prefix=API, tags=["agents"])

    async def number_of(wanted: WantedCall) -> str:
        number = wanted.number.strip()
        if bool(number) == bool(wanted.call_id):
            raise Problem(422, "whom to call?", where="body", mend="Send either number or call_id.", code="invalid")
        if number:
            return number
        call = (await known_call(deps.calls, wanted.call_id)).call
        number = customer_number(call.direction, call.ani, call.dnis)
        if call.direction == "internal" or not any(digit.isdigit() for digit in number):
            raise Problem(409, "the number of that caller is not known", mend="He has hidden it.", code="number_hidden")
        return number

    async def barred(number: str) -> bool:
        """Whether he has refused calls or stands on a do-not-call list."""
        try:
            wanted = normalise(number)
        except ParseError:  # whoever calls it says what is wrong
            return False
        return bool((await deps.calling.bars(number=wanted, limit=1, offset=0))[0])

    @router.post("/agents/{agent}/calls", status_code=202, summary="外呼 Call outside")
    async def place(agent: str, wanted: WantedCall, session: Annotated[Session, Depends(guard.user)]) -> CallPlacing:
        """The agent's own phone rings and shows the number; once he answers, the other is called. Only for oneself.
        403 for numbers that may not be called, 409 where his phone is busy or not registered, and where the customer is
        not to be called and nothing says why he is (``despite``, which the audit log keeps).
        """
        own_agent(session, agent, "call")
        number = await number_of(wanted)
        why = wanted.despite.strip()
        refuses = await barred(number)
        if refuses and not why:
            raise Problem(
                409,
                "this customer is not to be called",
                where="body.despite",
                mend="Say why he is called all the same, as that he asked for it.",
                code="wants_no_calls",
            )
        with told_as_refused():
            return CallPlacing(deps.placing.place(agent, number, why if refuses else ""), agent)

    return router
