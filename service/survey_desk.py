"""``console.survey_ports.SurveyControl``: surveys are written, changed, copied and removed by people."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from campaigns.agent_form import state_of
from campaigns.gate import CampaignState
from campaigns.papers import SurveyPaper
from campaigns.script import NO_SCRIPT
from campaigns.survey import SHIPPED, Survey, load_survey, survey_files
from campaigns.survey_paper import JudgedPaper, judge_paper, paper_of, unspoken
from console.form_shapes import form_view
from console.form_views import FormView
from console.survey_views import (
    PromptView,
    SurveyCheck,
    SurveyPaperView,
    SurveyTold,
    SurveyUse,
    SurveyVersion,
    SurveyView,
)
from core.errors import ConfigError, LocalProtocolError, ParseError
from ivr.form import Given, Unfit, check_answer
from ivr.prompts import Prompts
from ivr.source import read_source
from service.campaign_book import CampaignBook
from service.config_campaigns import SURVEY, survey_name_of, usual_survey
from service.config_surveys import own_surveys
from service.survey_prompts import keep_prompt
from service.survey_words import told, unrecorded
from store.call_forms import FormCall
from store.store import Store
from store.survey_papers import KeptSurvey

_NAME: Final = re.compile(r"\w[\w.-]{0,62}")
"""As [[survey]] and the campaigns have it."""
_GOES_ON: Final = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED)
_NO_CALL: Final = FormCall("", "", "", 0, "", "王先生", {}, "", False, None, frozenset(), {})


class SurveyDesk:
    """``renew`` tells the dialers of ``book`` after each change; ``handed`` is the folder of recordings that people
    hand over, which are ``prompts`` from then on.
    """

    def __init__(
        self, book: CampaignBook, store: Store, prompts: Prompts, handed: Path, renew: Callable[[], None]
    ) -> None:
        self._book = book
        self._store = store
        self._prompts = prompts
        self._handed = handed
        self._renew = renew
        self._one_at_a_time = asyncio.Lock()

    async def all(self) -> list[SurveyView]:
        """See the port."""
        files = self._files()
        used = await self._used()
        pages = [
            self._page(kept, self._book.surveys.judged[name], used.get(name, []))
            for name, kept in sorted(self._book.surveys.kept.items())
            if name not in files
        ]
        read = await asyncio.to_thread(_all_of, files)
        return [*pages, *(self._file(name, files[name], read[name], used.get(name, [])) for name in sorted(files))]

    async def paper(self, name: str, number: int = 0) -> SurveyPaperView | None:
        """See the port."""
        files = self._files()
        if name in files:
            if number:
                return None
            try:
                source = await asyncio.to_thread(read_source, files[name])
            except ConfigError as error:
                raise LocalProtocolError("; ".join(error.problems)) from None
            return _shown(paper_of(name, source.values), self._source(files[name]), 0, ())
        versions = await self._store.survey_papers.versions(name)
        wanted = next((one for one in versions if number in (0, one.number)), None)
        return _shown(wanted.paper, "page", wanted.number, versions) if wanted is not None else None

    async def check(self, paper: SurveyPaper, *, new: bool) -> SurveyCheck:
        """See the port."""
        judged = judge_paper(paper)
        faults = told(judged.faults, paper.nodes)
        if wrong := self._wrong_name(paper.name, new):
            faults.insert(0, wrong)
        gaps = unspoken(judged.survey.flow, self._prompts.names()) if judged.survey is not None else []
        return SurveyCheck(faults, told(judged.warnings, paper.nodes), unrecorded(gaps))

    async def preview(self, paper: SurveyPaper, answers: Mapping[str, str]) -> FormView:
        """See the port."""
        survey = _right(judge_paper(paper), paper)
        return form_view(_NO_CALL, NO_SCRIPT, survey, state_of(survey, _fitting(survey, answers)), None)

    async def keep(self, paper: SurveyPaper, by: str, *, after: int) -> SurveyPaperView:
        """See the port."""
        async with self._one_at_a_time:
            if wrong := self._wrong_name(paper.name, after == 0):
                if wrong.key == "taken":
                    raise LocalProtocolError(f"{wrong.zh} / {wrong.en}")
                raise ParseError(f"{wrong.zh} / {wrong.en}", where="name")
            survey = _right(judge_paper(paper), paper)
            kept = self._book.surveys.kept.get(paper.name)
            if kept is None or kept.number != after or kept.form != survey.version:
                await self._refuse_mute(paper.name, survey)
                await self._store.survey_papers.keep(paper, survey.version, by, after=after)
                await self._again()
        found = await self.paper(paper.name)
        if found is None:
            raise LocalProtocolError(f"问卷“{paper.name}”已被删除 / survey {paper.name!r} was removed")
        return found

    async def remove(self, name: str, by: str) -> bool:
        """See the port."""
        async with self._one_at_a_time:
            if name in self._files():
                raise LocalProtocolError(
                    f"问卷“{name}”在文件里，不能在这里删除 / survey {name!r} stands in a file; remove it there"
                )
            if name not in self._book.surveys.kept:
                return False
            uses = (await self._used()).get(name, [])
            if asking := [use.campaign for use in uses if await self._state(use.campaign) != CampaignState.STOPPED]:
                zh, en = _named(asking)
                raise LocalProtocolError(
                    f"任务{zh}在用这份问卷，请先换一份问卷或停止任务 / "
                    f"asked by campaign {en}; give it another one, or stop it, first"
                )
            await self._store.survey_papers.remove(name, by)
            await self._again()
            return True

    def prompt(self, name: str) -> Path | None:
        """See the port."""
        return self._prompts.file(name) if name in self._prompts.names() else None

    async def hand_over(self, sound: bytes, by: str) -> PromptView:
        """See the port."""
        kept = await asyncio.to_thread(keep_prompt, sound, self._handed)
        self._prompts.look_again()
        await self._store.log.commit("", kept.fact(by))
        return PromptView(kept.name, kept.seconds)

    def _files(self) -> Mapping[str, Path]:
        return survey_files(own_surveys(self._book.config))

    async def _refuse_mute(self, name: str, survey: Survey) -> None:
        """``LocalProtocolError`` where ``survey`` would silence a campaign by voice that was started and not stopped:
        one that is paused is to go on, one that has finished goes on by itself. What is mute already may stay so.
        """
        gaps, before = unspoken(survey.flow, self._prompts.names()), self._book.surveys.made.get(name)
        if not gaps or (before is not None and not self._spoken(before)):
            return
        uses = [use.campaign for use in (await self._used()).get(name, []) if use.by == "voice"]
        if silenced := [one for one in uses if await self._state(one) in _GOES_ON]:
            items = [node for node, _ in gaps]
            zh, en = _named(silenced)
            raise LocalProtocolError(
                f"任务{zh}用语音问这份问卷，存了就不能再拨。请先给这些项上传录音：{'、'.join(items)}；"
                f"或给任务换一份问卷，或停止任务 / asked by voice by campaign {en}, which could not call any more; "
                f"first hand over recordings of {', '.join(items)}, or give it another survey, or stop it"
            )

    async def _state(self, campaign: str) -> str:
        found = await self._store.campaigns.get(campaign)
        return "" if found is None else found.state

    def _source(self, file: Path) -> str:
        return "shipped" if file.parent == SHIPPED else "config"

    def _wrong_name(self, name: str, new: bool) -> SurveyTold | None:
        """What is wrong with the name; ``key`` "taken": there is one."""
        if not _NAME.fullmatch(name):
            zh = "名称由汉字、字母、数字、点、横线或下划线组成，最多 63 个字"
            return SurveyTold("", "name", zh, "name: must be of letters, digits, '.', '_' or '-', 63 at most")
        if name in self._files():
            zh = f"问卷“{name}”在文件里，不能在这里修改，请另取名称" if not new else f"已有名为“{name}”的问卷"
            return SurveyTold("", "taken", zh, f"survey {name!r} stands in a file; take another name")
        if new and name in self._book.surveys.kept:
            return SurveyTold("", "taken", f"已有名为“{name}”的问卷", f"there is a survey {name!r} already")
        return None

    def _spoken(self, survey: Survey | None) -> bool:
        return survey is not None and not unspoken(survey.flow, self._prompts.names())

    def _page(self, kept: KeptSurvey, judged: JudgedPaper, used: list[SurveyUse]) -> SurveyView:
        survey = judged.survey
        return SurveyView(
            kept.paper.name, "page", kept.number, kept.form, _asked(survey), survey is not None and survey.is_notice,
            self._spoken(survey), used, told(judged.faults, kept.paper.nodes), kept.at, kept.by,
        )  # fmt: skip

    def _file(self, name: str, file: Path, read: Survey | list[str], used: list[SurveyUse]) -> SurveyView:
        survey = read if isinstance(read, Survey) else None
        faults = [] if isinstance(read, Survey) else [SurveyTold("", "", problem, problem) for problem in read]
        return SurveyView(
            name, self._source(file), 0, survey.version if survey is not None else "", _asked(survey),
            survey is not None and survey.is_notice, self._spoken(survey), used, faults,
        )  # fmt: skip

    async def _used(self) -> dict[str, list[SurveyUse]]:
        """By which campaigns, those of the page that cannot be started too."""
        found: dict[str, list[SurveyUse]] = {}
        for campaign in self._book.config.campaigns:
            found.setdefault(survey_name_of(campaign), []).append(_use(campaign.name, campaign.mode))
        for plan in self._book.kept.values():
            if plan.name not in self._book.configured:
                mode = str(plan.values.get("mode") or SURVEY)
                name = str(plan.values.get("survey") or usual_survey(mode))
                found.setdefault(name, []).append(_use(plan.name, mode))
        return found

    async def _again(self) -> None:
        """What was kept holds, for the dialers too."""
        self._book.surveys.take(await self._store.survey_papers.all())
        self._renew()


def _named(campaigns: Sequence[str]) -> tuple[str, str]:
    """In Chinese and in English."""
    return "、".join(f"“{one}”" for one in campaigns), ", ".join(map(repr, campaigns))


def _use(campaign: str, mode: str) -> SurveyUse:
    return SurveyUse(campaign, "voice" if mode == SURVEY else "agents")


def _asked(survey: Survey | None) -> int:
    return 0 if survey is None or survey.is_notice else len(survey.questions)


def _all_of(files: Mapping[str, Path]) -> dict[str, Survey | list[str]]:
    found: dict[str, Survey | list[str]] = {}
    for name, path in files.items():
        try:
            found[name] = load_survey(path)
        except ConfigError as error:
            found[name] = error.problems
    return found


def _right(judged: JudgedPaper, paper: SurveyPaper) -> Survey:
    """The survey; ``ParseError`` with the first fault where it has one."""
    if judged.survey is None:
        first = told(judged.faults, paper.nodes)[0]
        raise ParseError(f"{first.zh} / {first.en}", where=".".join(filter(None, (first.node, first.key))))
    return judged.survey


def _fitting(survey: Survey, answers: Mapping[str, str]) -> dict[str, Given]:
    """Those of ``answers`` that are some, as an agent would have put them down one after the other."""
    found: dict[str, Given] = {}
    for _ in range(len(answers) + 1):
        for asked in state_of(survey, found).asked:
            name = asked.question.name
            given = check_answer(asked.question, answers[name]) if name in answers else None
            if given is not None and not isinstance(given, Unfit):
                found[name] = given
    return found


def _shown(paper: SurveyPaper, source: str, number: int, versions: tuple[KeptSurvey, ...]) -> SurveyPaperView:
    nodes = [{str(key): value for key, value in node.items()} for node in paper.nodes]
    listed = [SurveyVersion(one.number, one.form, one.at, one.by) for one in versions]
    return SurveyPaperView(paper.name, source, number, nodes, listed)  # type: ignore[arg-type]  # values of JSON or TOML
