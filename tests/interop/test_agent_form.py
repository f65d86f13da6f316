"""The agent's page in real calls: script and form beside a preview call over SIP, filled in by keys, over a reload and
a kill -9 of the service; the answers, the task behind a low score and the results are those of the campaign.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from campaigns.ports import NewContact
from core.bus import Bus
from core.ids import Ids
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from service.orders import START, order
from store.store import Store
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.interop.test_console_browser import Page, browser, pytestmark  # noqa: F401
from tests.ports import free_port

NAME = "after-service"
NUMBERS = [f"+861350000{place:04}" for place in range(2)]
CONFIG = f"""
[[queue]]
name = "outbound"
agents = ["101"]
wrap_up_s = 60
[[disposition]]
code = "done"
zh = "已回访"
en = "Visited"
[[disposition]]
code = "later"
zh = "约回访"
en = "Later"
fields = ["date"]
[[campaign]]
name = "{NAME}"
trunk = "carrier"
caller_id = "4008001234"
mode = "preview"
queue = "outbound"
survey = "return_visit"
script = \"\"\"
# 开场
您好，请问是{{name}}吗？这里是客户服务中心，您的{{车型}}最近做过保养。
- 不方便：约时间再打
- 说到投诉：转投诉专线
\"\"\"
hours = ["daily 00:00-24:00"]
[campaign.retry]
attempts = 1
"""


@pytest.fixture
def chrome(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:  # noqa: F811
    yield browser


class People:
    """Customers and the agent's phone: all answer, and stay until they are told."""

    def __init__(self, line: Line, carrier_port: int) -> None:
        hop = Hop("UDP", HOST, line.sip)
        self.calls: list[PhoneCall] = []
        self.carrier = Softphone(
            SystemClock(), hop, "carrier", on_call=self._called, listen=Hop("UDP", CARRIER, carrier_port)
        )
        self.agent = Softphone(SystemClock(), hop, "101", "phone-101", on_call=self._rung)
        self._lives: set[asyncio.Task[None]] = set()

    def _answer(self, call: PhoneCall) -> None:
        life = asyncio.ensure_future(call.answer())
        self._lives.add(life)
        life.add_done_callback(self._lives.discard)

    def _called(self, call: PhoneCall) -> None:
        self.calls.append(call)
        self._answer(call)

    def _rung(self, call: PhoneCall) -> None:
        self._answer(call)

    async def start(self) -> None:
        await self.carrier.start()
        await self.agent.start()
        await self.agent.register()

    async def close(self) -> None:
        for life in self._lives:
            life.cancel()
        for phone in (self.carrier, self.agent):
            await phone.close()


async def _fill(line: Line) -> None:
    clock = SystemClock()
    folder = line.folder / "data"
    async with await Store.open(
        f"sqlite:///{folder / 'line400.db'}", clock, Ids(clock, os.urandom), Bus(), recordings=folder
    ) as store:
        rows = [
            NewContact(number, name, place + 2, {"车型": "轩逸"})
            for place, (number, name) in enumerate(zip(NUMBERS, ("王先生", "李女士"), strict=True))
        ]
        await store.contacts.add(NAME, [rows])
        await order(store.settings, NAME, START)


async def _results(line: Line) -> list[Json]:
    return cast("list[Json]", await line.api.get(f"/campaigns/{NAME}/results"))


async def _until_result(line: Line, contact: int, result: str) -> Json:
    async with asyncio.timeout(20):
        while True:
            row = (await _results(line))[contact]
            if row["result"] == result:
                return row
            await asyncio.sleep(0.2)


def _answers(row: Json) -> dict[object, object]:
    answers = cast("list[Json]", row["answers"])
    assert all(it["how"] == "agent" for it in answers)
    return {it["question"]: it["value"] or it["text"] for it in answers}


async def test_an_agent_fills_in_the_form_of_a_real_call(chrome: webdriver.Chrome, tmp_path: Path) -> None:
    port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=port, more=CONFIG)) as line:
        people = People(line, port)
        await people.start()
        page = Page(chrome, f"http://{HOST}:{line.http}/")
        try:
            await line.give_admin_phone("101")
            await _fill(line)
            await line.set_agent("101", "available")
            await asyncio.to_thread(_reads_and_fills_in, page, line)
            people.calls[0].hang_up()
            await asyncio.to_thread(_wraps_up, page)
            first = await _until_result(line, 0, "completed")
            assert _answers(first) == {"quality": "4", "nps": "10", "reason": "技师很专业"}
            tasks = cast("Json", await line.api.get("/tasks"))
            assert [task["kind"] for task in cast("list[Json]", tasks["items"])] == ["low_survey"]

            await asyncio.to_thread(_begins_the_second, page)
            await line.kill()
            await line.start()
            await people.agent.register()
            second = await _until_result(line, 1, "partial")
            assert _answers(second) == {"quality": "5"}
            await asyncio.to_thread(_ends_it_on_the_calls_page, page, line, str(second["call_id"]))
            assert _answers(await _until_result(line, 1, "completed")) == {"quality": "5", "nps": "9"}
            report = cast("Json", await line.api.get(f"/campaigns/{NAME}/report"))
            results = cast("Json", report["report"])["results"]
            assert [(it["key"], it["attempts"]) for it in cast("list[Json]", results)] == [("completed", 2)]
        finally:
            await people.close()
        assert not any("Traceback" in text or "broke off" in text for text in line.output)


SLOW_FORMS = """
window.formsCame = 0;
const soon = window.fetch;
window.fetch = async (url, ...more) => {
  const answer = await soon(url, ...more);
  if (!String(url).endsWith("/form")) return answer;
  await new Promise((resume) => setTimeout(resume, 1500));
  setTimeout(() => { window.formsCame += 1; }, 100);
  return answer;
};
"""
"""What is asked for after each answer comes later than the next answer is put down. Gone with the page."""


def _sign_in(page: Page, line: Line) -> None:
    page.chrome.get(page.address)
    page.find("#sign-in-name").send_keys("admin")
    page.find("#sign-in-password").send_keys(line.password, Keys.ENTER)
    page.find("#answer-rate, #desk-state")


def _chosen(page: Page, question: str) -> str:
    return page.text(f'[data-question="{question}"] [aria-checked="true"]')


def _focused(page: Page) -> object:
    say = "return document.activeElement.closest('[data-question]')?.dataset.question ?? ''"
    return page.chrome.execute_script(say)


def _reads_and_fills_in(page: Page, line: Line) -> None:
    _sign_in(page, line)
    page.show("desk")
    page.wait(lambda: "请问是王先生吗" in page.text("#preview .script"))
    page.keep_picture("console-preview-script.png")
    page.press(Keys.ENTER)
    page.wait(lambda: "轩逸最近做过保养" in page.text("#call-form .script"))
    page.wait(lambda: "正在通话" in page.text(".desk-call") or "通话" in page.text("#desk-state"))
    page.wait(lambda: page.chrome.find_elements("css selector", "#form-begin"))
    assert "已答 0 / 2" in page.text("#form-progress") and "还缺" in page.text("#form-missing")
    assert page.chrome.find_elements("css selector", "#form-missing.quiet"), "nothing is wrong before the first answer"
    page.press("w")
    page.wait(lambda: _focused(page) == "quality")
    page.chrome.execute_script(SLOW_FORMS)
    page.chrome.switch_to.active_element.send_keys("4")
    page.wait(lambda: _chosen(page, "quality") == "4" and _focused(page) == "nps")
    page.chrome.switch_to.active_element.send_keys("3")
    page.wait(lambda: _focused(page) == "reason_of_low")
    page.wait(lambda: page.chrome.execute_script("return formsCame > 1"))
    assert _focused(page) == "reason_of_low", "a form that was asked for before the answer is not shown after it"
    page.chrome.switch_to.active_element.send_keys("等太久")
    page.keep_picture("console-call-form.png")
    assert page.fits()
    page.chrome.refresh()
    page.wait(lambda: _chosen(page, "nps") == "3" and "已答 2 / 2" in page.text("#form-progress"))
    page.press("w")
    page.wait(lambda: _focused(page) == "may_i")
    page.chrome.switch_to.active_element.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    page.wait(lambda: _focused(page) == "nps")
    page.chrome.switch_to.active_element.send_keys("10")
    page.wait(lambda: _chosen(page, "nps") == "10" and _focused(page) == "reason")
    page.chrome.switch_to.active_element.send_keys("技师很专业", Keys.TAB)
    page.wait(lambda: "完成" in page.text("#form-result"))


def _wraps_up(page: Page) -> None:
    page.wait(lambda: page.text("#desk-left"))
    assert page.find("#call-form #desk-disposition"), "one card"
    page.find('#desk-disposition input[value="done"]').click()
    page.find("#disposition-save").click()
    page.wait(lambda: "已保存" in page.text(".el-message"))
    page.keep_picture("console-call-form-wrap-up.png")
    page.find('[data-question="nps"] .form-title button').click()
    page.wait(lambda: "还缺" in page.text("#form-missing"))
    page.press("f")
    page.wait(lambda: "1 题没有回答" in page.text("#desk-unfinished"))
    page.wait(lambda: page.chrome.find_elements("css selector", "#form-missing.bad"))
    page.find("#desk-fill").click()
    page.wait(lambda: _focused(page) == "nps")
    page.chrome.switch_to.active_element.send_keys("10")
    page.wait(lambda: "完成" in page.text("#form-result") and "部分" not in page.text("#form-result"))
    assert page.complaints() == []
    page.find("#desk-finish").click()


def _begins_the_second(page: Page) -> None:
    page.wait(lambda: "李女士" in page.text("#preview-name"))
    page.find("#preview-dial").click()
    page.wait(lambda: page.chrome.find_elements("css selector", "#form-begin"))
    page.find('[data-question="may_i"] [data-value="never"]').click()
    page.wait(lambda: "不再呼叫该客户" in page.text(".form-ask"))
    page.find(".form-ask .plain").click()
    page.find('[data-question="quality"] [data-value="5"]').click()
    page.wait(lambda: "部分完成" in page.text("#form-result"))


def _ends_it_on_the_calls_page(page: Page, line: Line, call: str) -> None:
    _sign_in(page, line)
    page.chrome.get(f"{page.address}#/call/{call}")
    page.wait(lambda: _chosen(page, "quality") == "5")
    page.keep_picture("console-call-form-late.png")
    page.find('[data-question="nps"] [data-value="9"]').click()
    page.wait(lambda: "完成" in page.text("#form-result") and "部分" not in page.text("#form-result"))
