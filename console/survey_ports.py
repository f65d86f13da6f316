"""What the console needs of other rooms to show, write and remove surveys, by the rules of ``console.ports``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from campaigns.papers import SurveyPaper
from console.form_views import FormView
from console.survey_views import PromptView, SurveyCheck, SurveyPaperView, SurveyView


class SurveyControl(Protocol):
    """Surveys of files and those that supervisors have written. ``by`` is the account that asks."""

    async def all(self) -> Sequence[SurveyView]:
        """Those of the page first, by name."""
        ...

    async def paper(self, name: str, number: int = 0) -> SurveyPaperView | None:
        """Version ``number`` of survey ``name`` (0: the one that holds); None where there is none."""
        ...

    async def check(self, paper: SurveyPaper, *, new: bool) -> SurveyCheck:
        """What would be said of it; nothing is kept. ``new``: its name must not be taken."""
        ...

    async def preview(self, paper: SurveyPaper, answers: Mapping[str, str]) -> FormView:
        """What an agent would be shown after ``answers``, by question; those that fit no question are left out.
        ``ParseError`` names the first fault of the paper.
        """
        ...

    async def keep(self, paper: SurveyPaper, by: str, *, after: int) -> SurveyPaperView:
        """It holds from now on, as the version behind version ``after`` (0: it is new). ``ParseError`` names the first
        fault, ``ChangedSince`` says where somebody was faster, ``LocalProtocolError`` where its name is taken, it was
        removed, or it stands in a file.
        """
        ...

    async def remove(self, name: str, by: str) -> bool:
        """No campaign may ask it any more; False where there is none on the page, ``LocalProtocolError`` where a
        campaign asks it.
        """
        ...

    def prompt(self, name: str) -> Path | None:
        """The file of the recording ``name``."""
        ...

    async def hand_over(self, sound: bytes, by: str) -> PromptView:
        """Keep a recording; ``ParseError`` says where it cannot be played."""
        ...
