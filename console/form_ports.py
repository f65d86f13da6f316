"""What the console needs of other rooms for surveys that agents fill in, by the rules of ``console.ports``."""

from typing import Protocol

from console.form_views import FormView


class FormControl(Protocol):
    """Forms of calls. ``LocalProtocolError`` where it is too late for an answer; ``ParseError`` names what is wrong:
    the ``question``, which is not asked, or the ``answer``, which is none to it. Both speak Chinese and English.
    """

    async def of(self, call_id: str) -> FormView | None:
        """The form of the call; None where there is none to fill in."""
        ...

    async def answer(self, agent: str, call_id: str, question: str, said: str, by: str) -> FormView | None:
        """Account ``by`` of ``agent`` puts ``said`` down: it is on disk when this returns. It takes the place of an
        answer before; answers to what is not asked any more are taken back.
        """
        ...

    async def take_back(self, agent: str, call_id: str, question: str) -> FormView | None:
        """The question has no answer any more; no error where it had none."""
        ...
