"""Campaigns that people make, in memory: one of the configuration, any made on the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from console.campaign_ports import Order
from console.campaign_views import (
    ChoiceView,
    FieldView,
    PlanCheck,
    PlanValue,
    PlanView,
    RehearsalView,
    RehearsedContact,
    RuleCount,
    ToldView,
)
from core.errors import ChangedSince, LocalProtocolError
from reports.campaign_live import Stand
from reports.campaigns import SLOT_S, CampaignReport, Progress, Tries, campaign_report
from reports.conversion import Conversion, Followed, ReachedPerson, conversion
from reports.dispositions import Disposed, disposition_report
from reports.survey_form import Answered, Asked, Form, Text
from reports.surveys import form_reports
from tests.unit.console import day
from tests.unit.console.calling_fake import shown

ASKED = {
    "quality": Asked("scale", 1, 5),
    "nps": Asked("nps", 0, 10),
    "told": Asked(
        "yes_no", text=Text("讲解了吗？", "Explained?"), options={"yes": Text("有", "yes"), "no": Text("没有")}
    ),
    "why": Asked("choice", options={"price": Text("价格", "Price"), "room": Text("空间", "Room"), "other": Text()}),
    "km": Asked("number", 0, 500_000, Text("跑了多少公里？", "How far?"), Text("公里", "km")),
    "reason": Asked("speech"),
}
GIVEN: dict[str, dict[object, int]] = {
    "quality": {5: 14, 4: 6, 2: 3, 1: 2},
    "nps": {10: 9, 9: 6, 8: 5, 6: 3, 2: 1},
    "told": {"yes": 19, "no": 5},
    "why": {"price": 8, "room": 14},
    "km": {1200: 3, 3500: 5, 5200: 6, 7800: 4, 21_000: 1},
    "reason": {"": 11},
}
FORM = [
    FieldView("name", "text", "名称", "Name", None, []),
    FieldView("trunk", "choice", "线路", "Trunk", None, [ChoiceView("carrier", "carrier", "carrier")]),
    FieldView("concurrency", "int", "同时呼叫路数", "Lines", 2, []),
    FieldView("hours", "lines", "呼叫时段", "Calling hours", ["daily 09:00-20:00"], []),
    FieldView("record", "bool", "录音", "Record", True, []),
]


def campaign_result(campaign: str, now: float, chosen: int = 0) -> CampaignReport:
    """Of a morning in November; in round 2 seven were tried so far."""
    nine = int(day.NOW // SLOT_S) - 4
    tries = [
        Tries(nine, 1, "completed", True, 21), Tries(nine, 1, "busy", False, 9),
        Tries(nine + 4, 1, "no_answer", False, 12), Tries(nine + 4, 2, "completed", True, 4),
        Tries(nine + 4, 2, "voicemail", True, 3),
    ]  # fmt: skip
    forms = [Form("5d1c0ffee123", "return_visit", day.NOW - 86400, ASKED)]
    answered = [
        Answered("5d1c0ffee123", question, str(value), times)
        for question, counts in GIVEN.items()
        for value, times in counts.items()
    ]
    del campaign
    progress = Progress(20, 7, 5) if chosen == 2 else Progress(120, 44, 40)
    zone = ZoneInfo("Asia/Shanghai")
    report = campaign_report(progress, tries, form_reports(answered, forms), zone, now)
    said = [Disposed("outbound", "101", "deal", 6), Disposed("outbound", "102", "wrong", 2)]
    return replace(report, came_of=disposition_report(0.0, now, said).total)


def campaign_conversion(days: int) -> Conversion:
    """Of the same morning: five have come in the first week, eight in a month; two have bought."""
    called = date(2026, 11, 2)
    reached = [ReachedPerson(contact, called, contact < 23) for contact in range(25)]
    visits = {contact: [called + timedelta(3 * contact + 1)] for contact in range(8)}
    sales = {contact: [called + timedelta(20)] for contact in (1, 4)}
    found = Followed(120, 44, reached, frozenset(range(6)), visits, sales)
    return conversion(found, days, called + timedelta(20))


def campaign_stand(campaign: str, now: float) -> Stand:
    """In the middle of it."""
    ended = {"completed": 25, "busy": 9, "no_answer": 12, "voicemail": 3}
    state = "running" if campaign == "return-visit-nov" else ""
    return Stand(
        now, state, pending=76, dialling=4, done=40, tried=44, ringing=3, talking=1, answered=28, ended=ended,
        results={"completed": 25, "no_answer": 12, "voicemail": 3}, lately=49, first_at=now - 1800,
    )  # fmt: skip


@dataclass
class FakeCampaigns:
    """``console.campaign_ports.CampaignControl`` in memory."""

    kept: dict[str, PlanView] = field(
        default_factory=lambda: {
            "return-visit-nov": PlanView("return-visit-nov", "config", {"trunk": "carrier", "concurrency": 2}, [], [])
        }
    )
    ordered: list[tuple[str, str, str]] = field(default_factory=list)

    async def form(self) -> Sequence[FieldView]:
        return FORM

    async def plans(self) -> Sequence[PlanView]:
        return list(self.kept.values())

    async def check(self, values: Mapping[str, PlanValue], *, of: str = "") -> PlanCheck:
        faults = [] if values.get("trunk") == "carrier" else [ToldView("trunk", "没有这条线路", "there is no trunk")]
        return PlanCheck(faults, [])

    async def make(self, values: Mapping[str, PlanValue], by: str) -> PlanView:
        name = str(values["name"])
        if name in self.kept:
            raise LocalProtocolError("已有同名任务 / there is one already")
        self.kept[name] = PlanView(name, "page", dict(values), [], [], day.NOW, by, day.NOW, by)
        return self.kept[name]

    async def change(
        self, name: str, values: Mapping[str, PlanValue], by: str, *, seen: float | None = None
    ) -> PlanView | None:
        plan = self.kept.get(name)
        if plan is None:
            return None
        if seen not in (None, plan.changed_at):
            raise ChangedSince("老李 已修改过 / li has changed it")
        if plan.source == "config":
            raise LocalProtocolError("在配置文件里 / stands in the configuration")
        self.kept[name] = replace(plan, values=dict(values), changed_by=by)
        return self.kept[name]

    async def remove(self, name: str, by: str) -> bool:
        if name in self.kept and self.kept[name].source == "config":
            raise LocalProtocolError("在配置文件里 / stands in the configuration")
        self.ordered += [(name, "remove", by)] if name in self.kept else []
        return self.kept.pop(name, None) is not None

    async def order(self, name: str, what: Order, by: str) -> bool:
        if name not in self.kept:
            return False
        if what == "pause" and (name, "start", by) not in self.ordered:
            raise LocalProtocolError("没有在进行 / is not running")
        self.ordered.append((name, what, by))
        return True

    async def rehearse(self, name: str) -> RehearsalView | None:
        if name not in self.kept:
            return None
        later = shown(False, "person_day", day.NOW + 3600)
        contacts = [
            RehearsedContact(1, "李伟", "+8613900001000", shown(True)),
            RehearsedContact(2, "王芳", "+8613900001001", later),
        ]
        waiting = [RuleCount("person_day", later.zh, later.en, 1)]
        return RehearsalView(name, day.NOW, 2, 2, 1, None, contacts, waiting, [], [])
