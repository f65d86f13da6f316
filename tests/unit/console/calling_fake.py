"""Who may be called as a test has put it there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from campaigns.facts import ContactPromised, ListShareChanged
from campaigns.promised import PromisedCall, promised_call
from campaigns.rules.decide import told
from campaigns.rules.records import Bar, Consent
from console.calling_views import DecidedView, DecisionView, WhyView
from core.errors import LocalProtocolError, ParseError
from store.list_shares import ListShare
from tests.unit.console import day


def shown(allowed: bool, rule: str = "", not_before: float | None = None) -> DecisionView:
    decision = told(allowed, rule, not_before)
    return DecisionView(allowed, rule, decision.zh, decision.en, not_before, decision.for_good)


@dataclass
class FakeCalling:
    """``console.calling_ports.CallingControl`` in memory; nobody is called before ``opens_at``."""

    kept: list[Bar] = field(default_factory=list)
    agreed: list[Consent] = field(default_factory=list)
    promised: list[ContactPromised] = field(default_factory=list)
    opens_at: float = 0.0

    async def why(self, campaign: str, contact: int) -> WhyView | None:
        if contact > 6:
            return None
        later = shown(False, "person_day", day.NOW + 3600)
        return WhyView(
            contact, "李伟", "+8613900001000", "pending", "", day.NOW + 3600, "service", later, [], [], [day.NOW - 60],
            None, [DecidedView(day.NOW - 5, "", later), DecidedView(day.NOW - 60, "a-1", shown(True))],
            "+8613900001001", ["no_answer"], 2, day.NOW + 1800, "101", "新疆乌鲁木齐市", "西部",
        )  # fmt: skip

    async def promise(self, promised: ContactPromised) -> PromisedCall | None:
        self.promised.append(promised)
        late = self.opens_at > promised.call_at
        decision = told(not late, "list_hours" if late else "", self.opens_at if late else None)
        return promised_call(promised.call_at, decision) if promised.contact <= 6 else None

    async def bars(
        self, *, number: str = "", kind: str = "", held: bool = True, limit: int, offset: int = 0
    ) -> tuple[Sequence[Bar], int]:
        found = [
            bar
            for bar in reversed(self.kept)
            if number in ("", bar.number) and kind in ("", bar.kind) and not (held and bar.freed_at is not None)
        ]
        return found[offset : offset + limit], len(found)

    async def bar(self, numbers: Sequence[str], kind: str, how: str, by: str, note: str = "", call_id: str = "") -> int:
        held = {bar.number for bar in self.kept if bar.kind == kind and bar.freed_at is None}
        fresh = [number for number in numbers if number not in held]
        self.kept += [Bar(number, kind, how, day.NOW, by, note, "", call_id, None, "", "") for number in fresh]
        return len(fresh)

    async def free(self, number: str, kind: str, by: str, why: str) -> None:
        for place, bar in enumerate(self.kept):
            if (bar.number, bar.kind, bar.freed_at) == (number, kind, None):
                self.kept[place] = replace(bar, freed_at=day.NOW, freed_by=by, freed_why=why)
                return
        raise LocalProtocolError(f"this number is not {kind}")

    async def consents(self, *, number: str = "", limit: int, offset: int = 0) -> Sequence[Consent]:
        return [one for one in self.agreed if number in ("", one.number)][offset : offset + limit]

    async def agree(self, number: str, purpose: str, how: str, evidence: str, given_at: float, by: str) -> None:
        if evidence == "r-gone":
            raise LocalProtocolError("there is no recording r-gone")
        if evidence == "c-none":
            raise ParseError("没有通话 c-none (there is no call c-none)")
        self.agreed.append(Consent(number, purpose, how, evidence, given_at, day.NOW, by, None, "", ""))

    async def disagree(self, number: str, purpose: str, by: str, why: str) -> None:
        for place, one in enumerate(self.agreed):
            if (one.number, one.purpose, one.withdrawn_at) == (number, purpose, None):
                self.agreed[place] = replace(one, withdrawn_at=day.NOW, withdrawn_by=by, withdrawn_why=why)
                return
        raise LocalProtocolError("no consent is on record")


@dataclass
class FakeListShares:
    """``console.list_share_ports.ListShareControl`` in memory: campaign visits has list 1."""

    share: ListShare = field(default_factory=lambda: ListShare(1, day.NOW - 3600, 120, 1, 0, 17))

    async def of(self, campaign: str) -> Sequence[ListShare]:
        return [self.share] if campaign == "visits" else []

    async def change(self, changed: ListShareChanged) -> bool:
        if (changed.campaign, changed.list) != ("visits", 1):
            return False
        self.share = replace(self.share, weight=changed.weight, quota=changed.quota)
        return True
