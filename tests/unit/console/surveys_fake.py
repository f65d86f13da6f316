"""The desk of surveys as the service has it, with its papers in memory."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from campaigns.gate import CampaignState
from campaigns.papers import SurveyPaper
from core.clock import Clock
from core.errors import ChangedSince
from core.events import Log
from ivr.prompts import Prompts
from service.campaign_book import CampaignBook
from service.config_model import Config
from service.survey_desk import SurveyDesk
from store.campaign_plans import KeptPlan
from store.store import Store
from store.survey_papers import KeptSurvey


@dataclass
class FakePapers:
    """``store.survey_papers`` in memory."""

    clock: Clock
    kept: dict[str, list[KeptSurvey]] = field(default_factory=dict)

    async def all(self) -> tuple[KeptSurvey, ...]:
        return tuple(versions[-1] for versions in self.kept.values())

    async def versions(self, survey: str) -> tuple[KeptSurvey, ...]:
        return tuple(reversed(self.kept.get(survey, [])))

    async def keep(self, paper: SurveyPaper, form: str, by: str, *, after: int) -> None:
        versions = self.kept.setdefault(paper.name, [])
        if len(versions) != after:
            raise ChangedSince(f"已被别人改成第 {len(versions)} 版 / changed to version {len(versions)} meanwhile")
        versions.append(KeptSurvey(paper, after + 1, form, self.clock.now(), by))

    async def remove(self, survey: str, by: str) -> None:
        del self.kept[survey]


class FakeCampaignStates:
    """``store.campaigns``, of which one state is asked."""

    def __init__(self) -> None:
        self.states: dict[str, CampaignState] = {}

    async def get(self, name: str) -> object:
        return SimpleNamespace(state=self.states[name]) if name in self.states else None


def survey_desk(folder: Path, clock: Clock, log: Log, campaigns: dict[str, str]) -> SurveyDesk:
    """Of a house in which ``campaigns`` ask surveys, by name, through agents."""
    plans = [
        KeptPlan(name, {"name": name, "mode": "predictive", "survey": survey}, 0.0, "", 0.0, "")
        for name, survey in campaigns.items()
    ]
    store = SimpleNamespace(survey_papers=FakePapers(clock), campaigns=FakeCampaignStates(), log=log)
    handed = folder / "prompts"
    return SurveyDesk(CampaignBook(Config(), plans), cast("Store", store), Prompts(handed=handed), handed, lambda: None)
