"""Lists that are handed over, in memory: each is looked at and taken at once."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from campaigns.list_file import Wanted
from console.list_views import ListLook, ListTaken, ListView, RejectView
from core.errors import LocalProtocolError

LOOK = ListLook(
    kind="csv",
    encoding="gb18030",
    separator=",",
    sheets=[],
    sheet="",
    headings=["姓名", "手机"],
    numbers=["手机"],
    name="姓名",
    samples=[["王", "13800138000"]],
    rows=3,
    accepted=2,
    several=0,
    flaws={"not_a_number": 1},
    kinds={"mobile": 2},
    elsewhere={"spring": 1},
    rejects=[RejectView(4, "号码无效 (not a phone number)")],
)


class FakeLists:
    """``console.list_ports.ListControl``; ``asked`` holds what was asked for."""

    def __init__(self, folder: Path) -> None:
        self.kept: dict[str, ListView] = {}
        self.content: dict[str, bytes] = {}
        self.asked: list[tuple[object, ...]] = []
        self._rejects = folder / "rejects"
        self._rejects.write_text("行号 line\n4\n", encoding="utf-8-sig")

    def campaigns(self) -> Sequence[str]:
        return ["return-visit-nov"]

    def lists(self) -> Sequence[ListView]:
        return list(reversed(self.kept.values()))

    def find(self, list_id: str) -> ListView | None:
        return self.kept.get(list_id)

    async def receive(self, campaign: str, name: str, by: str, pieces: AsyncIterator[bytes]) -> ListView:
        content = b"".join([piece async for piece in pieces])
        view = ListView(f"l-{len(self.content)}", campaign, name, len(content), by, "checked", look=LOOK)
        self.kept[view.id], self.content[view.id] = view, content
        return view

    def check(self, list_id: str, wanted: Wanted) -> None:
        self.asked.append((list_id, wanted))

    def take(self, list_id: str, by: str) -> None:
        if self.kept[list_id].state != "checked":
            raise LocalProtocolError("the list is taken; look at it first")
        taken = ListTaken(2, 1, file=True, rejects=LOOK.rejects, elsewhere={})
        self.kept[list_id] = replace(self.kept[list_id], state="taken", by=by, taken=taken)

    def rejects(self, list_id: str) -> Path | None:
        return self._rejects if self.kept[list_id].state == "taken" else None

    async def forget(self, list_id: str) -> bool:
        return self.kept.pop(list_id, None) is not None
