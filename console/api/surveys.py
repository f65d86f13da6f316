"""Surveys written by people: their questions, checked and tried as the agent will see them. Supervisors and admins."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from campaigns.papers import SurveyPaper
from campaigns.survey_paper import MOST_NODES
from console.api import API
from console.deps import ConsoleDeps
from console.form_views import FormView
from console.guard import Guard
from console.problems import Problem, in_words, not_found
from console.sessions import Session
from console.survey_ports import SurveyControl
from console.survey_views import PromptView, SurveyCheck, SurveyPaperView, SurveyView
from core.typed import number_typed, plain

_NO_SOUNDS: Final = ("application/json", "multipart/form-data")
_NUMBERS: Final = ("low", "high", "low_score", "from", "to")
_Name = Annotated[str, Field(max_length=64)]
_Words = Annotated[str, Field(max_length=1000)]
_in_words: Final = partial(in_words, "survey_refused", invalid="invalid", mend="Mend this.")


def _typed(said: dict[str, object]) -> dict[str, object]:
    """A node, or a table in it, with its numbers and keys as they are meant (``core.typed``)."""
    found: dict[str, object] = {}
    for key, value in said.items():
        if key in _NUMBERS:
            found[key] = number_typed(value)
        elif key == "key" and isinstance(value, str):
            found[key] = plain(value)
        elif key in ("branches", "choices") and isinstance(value, list):
            found[key] = [_typed(each) if isinstance(each, dict) else each for each in value]
        else:
            found[key] = value
    return found


class WantedNode(BaseModel):
    """An item of a survey: a question (``kind`` scale, nps, choice, yes_no, number, speech), the opening that asks
    whether it suits (menu), words in between (play) or an end (hangup). All further keys are those that a survey file
    has for its kind, ``choices`` as a list of objects with a ``name`` each. ``goto`` left out: the next item.
    """

    model_config = ConfigDict(extra="allow")

    name: _Name
    kind: _Name
    text: _Words = ""
    text_en: _Words = ""
    goto: _Name = ""
    prompts: Annotated[list[_Name], Field(max_length=20)] = []


class WantedSurvey(BaseModel):
    """A survey with its items in order; it starts with the first."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    nodes: Annotated[list[WantedNode], Field(max_length=MOST_NODES)]

    def read(self) -> SurveyPaper:
        """As the house has it."""
        return SurveyPaper(self.name.strip(), tuple(_typed(node.model_dump(exclude_unset=True)) for node in self.nodes))


class WantedPreview(WantedSurvey):
    """With what was answered so far, by question."""

    answers: Annotated[dict[_Name, Annotated[str, Field(max_length=2000)]], Field(max_length=MOST_NODES)] = {}


class WantedVersion(WantedSurvey):
    """Changes of version ``after``."""

    after: Annotated[int, Field(ge=1)]


def surveys_router(deps: ConsoleDeps, guard: Guard) -> APIRouter:
    """Routes ``/surveys``, ``/survey-check``, ``/survey-preview``, ``/survey-prompts``."""
    router = APIRouter(prefix=API, tags=["campaigns"])

    def desk() -> SurveyControl:
        if deps.surveys is None:
            raise Problem(503, "surveys are written in the running service only", code="unavailable")
        return deps.surveys

    @router.get("/surveys", summary="问卷 Surveys")
    async def surveys(_session: Annotated[Session, Depends(guard.trusted)]) -> list[SurveyView]:
        """All that campaigns may ask: those of the page first, then those of files, each with the campaigns that do."""
        return list(await desk().all())

    @router.get("/surveys/{survey}", summary="一份问卷 One survey")
    async def survey_by_name(
        survey: str,
        _session: Annotated[Session, Depends(guard.trusted)],
        number: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> SurveyPaperView:
        """Its items, and its versions; ``number``: of that version, else of the one that holds."""
        with _in_words():
            found = await desk().paper(survey, number)
        if found is None:
            raise not_found("survey", survey)
        return found

    @router.post("/survey-check", summary="检查问卷 Check a survey")
    async def check(
        wanted: WantedSurvey, _session: Annotated[Session, Depends(guard.trusted)], new: bool = False
    ) -> SurveyCheck:
        """What would be said of it, by item and key; nothing is kept. ``new``: its name must not be taken."""
        return await desk().check(wanted.read(), new=new)

    @router.post("/survey-preview", summary="预览问卷 Preview a survey")
    async def preview(wanted: WantedPreview, _session: Annotated[Session, Depends(guard.trusted)]) -> FormView:
        """What an agent is shown after these answers; nothing is kept. 422 names the first fault."""
        with _in_words():
            return await desk().preview(wanted.read(), wanted.answers)

    @router.post("/surveys", status_code=201, summary="新建问卷 Write a survey")
    async def write(wanted: WantedSurvey, session: Annotated[Session, Depends(guard.trusted)]) -> SurveyPaperView:
        """Its first version. 422 names the first fault and its place, 409 where its name is taken."""
        with _in_words():
            return await desk().keep(wanted.read(), session.name, after=0)

    @router.put("/surveys/{survey}", summary="修改问卷 Change a survey")
    async def change(
        survey: str, wanted: WantedVersion, session: Annotated[Session, Depends(guard.trusted)]
    ) -> SurveyPaperView:
        """All of it anew, as a version of its own; campaigns go by it from their next start on. 409 ``changed_since``
        where somebody else has changed it after version ``after``, 409 where it stands in a file.
        """
        if wanted.name != survey:
            raise Problem(422, "a survey keeps its name", where="name", mend="Copy it to a new one.", code="invalid")
        with _in_words():
            return await desk().keep(wanted.read(), session.name, after=wanted.after)

    @router.delete("/surveys/{survey}", status_code=204, summary="删除问卷 Remove a survey")
    async def remove(survey: str, session: Annotated[Session, Depends(guard.trusted)]) -> None:
        """No campaign may ask it any more; its versions and what was answered stay. 409 where a campaign asks it."""
        with _in_words():
            known = await desk().remove(survey, session.name)
        if not known:
            raise not_found("survey", survey)

    @router.post("/survey-prompts", status_code=201, summary="上传录音 Hand a recording over")
    async def hand_over(request: Request, session: Annotated[Session, Depends(guard.trusted)]) -> PromptView:
        """The body is the sound itself (WAV, FLAC, Ogg or MP3, a minute at most); it is kept as 8 kHz mono. ``prompts``
        of an item name it by the answer's ``name``. 422 where it cannot be played.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _NO_SOUNDS:
            mend = "Send the file itself as the body, as audio/wav or application/octet-stream."
            raise Problem(415, f"{kind} is no recording", where="header.content-type", mend=mend, code="media_type")
        try:
            with _in_words():
                return await desk().hand_over(await request.body(), session.name)
        except ClientDisconnect:
            raise Problem(400, "the file broke off", mend="Send it again.", code="broken_off") from None

    @router.get("/survey-prompts/{prompt}.wav", summary="听录音 A recording", response_class=FileResponse)
    async def sound(prompt: str, _session: Annotated[Session, Depends(guard.trusted)]) -> FileResponse:
        """The recording itself, also one that is shipped."""
        found = desk().prompt(prompt)
        if found is None:
            raise not_found("prompt", prompt)
        return FileResponse(found, media_type="audio/wav")

    return router
