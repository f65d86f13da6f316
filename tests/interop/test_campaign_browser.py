"""A supervisor writes a survey and makes a campaign in a real browser, gives it a list, tries it out, starts, pauses
and stops it, and removes another; the service is a real one, and a carrier is really called.
"""

import asyncio
import wave
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from core.numbers import normalise
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, LINE_NUMBER, Line, basic, serving
from tests.interop.test_console_browser import Page, browser, pytestmark  # noqa: F401
from tests.ports import free_port

NUMBERS = ["+8613800138000", "+8613900139000", "+8613700137000"]
LIST = "手机号,姓名\n" + "".join(f"{number[3:]},客户{at}\n" for at, number in enumerate(NUMBERS, 1))
SHOWN = {
    "preview": {"queue": True, "script": True, "preview_s": True, "concurrency": False, "abandon_pct": False},
    "predictive": {"queue": True, "abandon_pct": True, "within_s": True, "preview_s": False, "concurrency": False},
    "survey": {"queue": False, "script": False, "within_s": False, "preview_s": False, "concurrency": True},
}

ANOTHER = """import("/pages/api.js").then(async ({ get, put }) => {
  const { name, values } = (await get("/campaign-plans")).find((one) => one.name === arguments[0]);
  const kept = await put(`/campaigns/${name}`, { values: { ...values, "retry.attempts": 6 } });
  window.another = kept.values["retry.attempts"];
}).catch((problem) => { window.another = problem.message; });"""
"""Another supervisor changes the campaign meanwhile."""
A_COPY = """import("/pages/api.js").then(async ({ get, post }) => {
  const { values } = (await get("/campaign-plans")).find((one) => one.name === arguments[0]);
  await post("/campaigns", { values: { ...values, name: arguments[1] } });
});"""
"""He makes one more, with a slip of the pen."""
HEAR = """new MutationObserver(() => {
  window.said = document.querySelector(".el-message--success")?.textContent.trim() ?? window.said;
}).observe(document.body, { childList: true, subtree: true });"""
"""What is said for three seconds is kept."""
ANOTHER_VERSION = """import("/pages/api.js").then(async ({ get, put }) => {
  const { name, nodes, number } = await get(`/surveys/${encodeURIComponent(arguments[0])}`);
  const theirs = nodes.map((node) => (node.name === "end" ? { ...node, text: "谢谢您，再见。" } : node));
  window.version = (await put(`/surveys/${encodeURIComponent(name)}`, { name, nodes: theirs, after: number })).number;
}).catch((problem) => { window.version = problem.message; });"""
"""And the survey."""


class Carrier:
    """The first customer is busy, the others let it ring."""

    def __init__(self) -> None:
        self.dialled: list[str] = []
        self.ringing: list[PhoneCall] = []

    def rung(self, call: PhoneCall) -> None:
        self.dialled.append(normalise(call.number))
        if len(self.dialled) == 1:
            call.refuse(486)
        else:
            self.ringing.append(call)


@pytest.fixture
def chrome(browser: webdriver.Chrome) -> Iterator[webdriver.Chrome]:  # noqa: F811
    yield browser


async def test_a_campaign_is_made_tried_out_and_run_on_the_page(chrome: webdriver.Chrome, tmp_path: Path) -> None:
    carrier, port = Carrier(), free_port(CARRIER)
    (tmp_path / "名单.csv").write_bytes(LIST.encode("gb18030"))
    async with serving(tmp_path, basic(carrier_port=port)) as line:
        theirs = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "carrier", on_call=carrier.rung, listen=Hop("UDP", CARRIER, port)
        )
        await theirs.start()
        try:
            await asyncio.to_thread(_drive, Page(chrome, f"http://{HOST}:{line.http}/"), line, carrier, tmp_path)
        finally:
            for call in carrier.ringing:  # or the service waits for an answer to its CANCEL
                call.refuse(480)
            await theirs.close()
    assert carrier.dialled == NUMBERS


def _drive(page: Page, line: Line, carrier: Carrier, folder: Path) -> None:
    page.chrome.get(page.address)
    page.find("#sign-in-name").send_keys("admin")
    page.find("#sign-in-password").send_keys(line.password, Keys.ENTER)
    page.find("#answer-rate")
    page.show("campaigns")

    _write_survey(page, folder)
    page.show("campaigns")
    page.find("#campaign-new").click()
    page.wait(lambda: _focus(page) == "campaign-field-name")
    page.wait(lambda: "服务回访 return_visit" in page.text("#campaign-field-survey option:checked"))
    page.wait(lambda: "新车主（3 个问题）" in page.text("#campaign-field-survey"))
    assert page.text("#campaign-field-caller_id option:checked") == LINE_NUMBER, "one of ours is chosen from the first"
    for mode, fields in SHOWN.items():  # only what counts in it
        page.find(f"#campaign-field-mode input[value={mode}]").click()
        page.wait(lambda fields=fields: [_shown(page, key) for key in fields] == list(fields.values()))
    page.find("#campaign-field-mode input[value=survey]").click()
    page.find("#campaign-save").click()
    page.wait(lambda: "请填写名称" in page.text("#campaign-field-name-said") and _focus(page) == "campaign-field-name")
    _write(page, "name", "春/季")
    page.wait(lambda: "名称由汉字" in page.text("#campaign-field-name-said"))
    _write(page, "name", "春季回访")
    page.find("#campaign-file").send_keys(str(folder / "名单.csv"))
    _write(page, "concurrency", "1")
    page.find("#campaign-field-hours-remove-1").click()
    page.wait(lambda: not _shown(page, "hours-days-1"))
    for key, time in (("from", "00:00"), ("to", "24:00")):
        page.find(f"#campaign-field-hours-{key}-0").send_keys(Keys.CONTROL, "a")
        page.find(f"#campaign-field-hours-{key}-0").send_keys(time, Keys.TAB)
        page.wait(lambda key=key, time=time: _value(page, f"hours-{key}-0") == time)
    page.find("#campaign-retry summary").click()
    Select(page.find('[id="campaign-field-retry.busy"]')).select_by_value("2 h")
    _write(page, "retry.attempts", "50")
    page.wait(lambda: "次数是 1 到 20 的整数" in page.text("#campaign-retry"))
    _write(page, "retry.attempts", "5")
    page.wait(lambda: not page.text(".campaign-wrong"))
    page.chrome.execute_script("document.querySelector('.campaign-dialog .el-dialog__body').scrollTop = 0")
    page.keep_picture("console-campaign-form.png")
    page.find("#campaign-field-name").send_keys(Keys.ESCAPE)
    page.wait(lambda: "还没有保存" in page.text("#campaign-leaving") and _focus(page) == "campaign-stay")
    page.find("#campaign-stay").click()
    page.wait(lambda: page.text("#campaign-save") == "保存")
    assert _shown(page, "name"), "to go on is not to save"
    assert _asks_before_it_leaves(page)
    page.find("#campaign-field-name").send_keys(Keys.ENTER)
    page.wait(lambda: "春季回访" in page.text(".campaign") and not page.chrome.find_elements(By.ID, "campaign-save"))
    assert not _asks_before_it_leaves(page)

    page.wait(lambda: "还没有人" in page.text("#campaign-next-1"))
    page.wait(lambda: "可导入 3 行" in page.text("#list-counts") and page.find("#list-take").is_enabled())
    page.find("#list-take").click()
    page.wait(lambda: "导入 3 行" in page.text("#list-taken"))
    page.wait(lambda: "3 人待拨" in page.text("#campaign-next-1") and "现在可拨 3 人" in page.text("#campaign-next-2"))

    page.find("#campaign-next-dry").click()
    page.find("#dryrun-again").click()
    page.wait(lambda: "看了 3 人，现在可拨 3 人" in page.text("#dryrun-sum"))
    assert "138 0013 8000" in page.text("#dryrun") and carrier.dialled == []
    assert page.fits()
    page.keep_picture("console-campaign-dry-run.png")

    _part(page, "board")
    page.wait(lambda: page.text("#campaign-live-pending") == "3")
    page.find("#campaign-next-start").click()
    _confirm(page)
    page.wait(lambda: carrier.dialled == NUMBERS[:2])
    page.wait(lambda: page.text("#campaign-live-ringing") == "1" and page.text("#campaign-live-attempts") == "2")
    page.keep_picture("console-campaign-board.png")
    page.wait(lambda: "进行中" in page.text(".campaign.here"))
    page.wait(lambda: not page.chrome.find_elements(By.ID, "campaign-next"))
    page.find("#campaign-edit").click()
    page.wait(lambda: "马上生效" in page.text("#campaign-running-hint") and _value(page, "concurrency") == "1")
    assert page.find("#campaign-field-trunk").get_attribute("disabled"), "not while it runs"
    page.chrome.execute_script(ANOTHER, "春季回访")
    page.wait(lambda: page.chrome.execute_script("return window.another ?? null") is not None)
    assert page.chrome.execute_script("return window.another") == 6
    _write(page, "concurrency", "2")
    page.find("#campaign-save").click()
    page.wait(lambda: "admin 已在" in page.text(".campaign-foot"))
    page.keep_picture("console-campaign-changed-since.png")
    page.find("#campaign-present").click()
    page.wait(lambda: _value(page, "retry.attempts") == "6" and _value(page, "concurrency") == "1")
    page.wait(lambda: not page.chrome.find_elements(By.ID, "campaign-present"))
    _write(page, "concurrency", "2")
    page.find("#campaign-save").click()
    page.wait(lambda: carrier.dialled == NUMBERS and page.text("#campaign-live-ringing") == "2")
    page.find("#campaign-live-ringing a").click()
    page.wait(lambda: "正在拨" in page.text("#calls-campaign") and _rows(page) == 2)
    page.chrome.back()
    _order(page, "pause")
    page.wait(lambda: "已暂停" in page.text(".campaign.here"))
    _part(page, "report")
    page.wait(lambda: page.text("#campaign-figure-attempts") == "1" and "忙" in page.text("#campaign-results"))
    assert page.find("#campaign-stage-dialled").text.split()[:2] == ["已拨", "3"], "two of them ring"
    Select(page.find("#campaign-days")).select_by_value("90")
    page.wait(lambda: str(page.find(".downloads a").get_attribute("href")).endswith("/report.csv?days=90&round=0"))
    page.find("#campaign-stage-dialled a").click()
    page.wait(lambda: page.text("#campaign-found") == "共 3 人" and page.text("#campaign-find-stage") == "已拨")
    _part(page, "plan")
    page.wait(lambda: "admin 建于" in page.text(".campaign-plan") and "2 小时后" in page.text(".campaign-plan"))
    page.keep_picture("console-campaign.png")
    page.find("#campaign-stop").click()
    page.wait(lambda: "2 路正在拨" in page.text("#campaign-remains"))
    _confirm(page)
    page.wait(lambda: "已停止" in page.text(".campaign.here"))
    assert not page.chrome.find_elements(By.ID, "campaign-start"), "it was stopped for good"
    assert not page.chrome.find_elements(By.ID, "campaign-remove"), "its results are kept"
    _remove_one_made_by_mistake(page)
    assert [it for it in page.complaints() if "409 (Conflict)" not in it] == [], "but for the change that came too late"


def _remove_one_made_by_mistake(page: Page) -> None:
    """Its name cannot be changed, but nothing has come of it yet."""
    wrong = "春记回访"
    page.chrome.execute_script(A_COPY, "春季回访", wrong)
    page.find(f"a[href='#/campaigns/{quote(wrong)}']").click()
    page.wait(lambda: wrong in page.text(".campaign.here"))
    page.chrome.execute_script(HEAR)
    _order(page, "remove")
    page.wait(lambda: page.chrome.execute_script("return window.said ?? ''") == f"已删除任务“{wrong}”")
    page.wait(lambda: page.chrome.current_url.endswith("#/campaigns"))
    page.wait(lambda: not page.chrome.find_elements(By.CSS_SELECTOR, f"a[href='#/campaigns/{quote(wrong)}']"))
    page.chrome.back()
    page.wait(lambda: f"没有任务“{wrong}”" in page.text("#campaign-gone"))


def _write_survey(page: Page, folder: Path) -> None:
    """By mouse and keyboard; tried as an agent sees it, kept in two versions, with one recording."""
    page.find("#to-surveys").click()
    page.wait(lambda: "服务回访 return_visit" in page.text("#surveys"))
    page.find("#survey-new").click()
    page.find("#survey-name").send_keys("新车主")
    page.find('[data-item="q1"] .survey-title').click()
    page.wait(lambda: "请填写要问的话" in page.text('[data-item="q1"]'))
    assert page.find("#survey-save").get_attribute("disabled"), "not with a fault"
    page.find("#survey-q1-text").send_keys("请问您对交车满意吗？五分非常满意，一分非常不满意。")
    page.find("#survey-add-yes_no").click()
    page.find("#survey-q2-text").send_keys("有没有人给您讲解过车辆？")
    page.find("#survey-add-speech").click()
    page.wait(lambda: page.chrome.switch_to.active_element.get_attribute("id") == "survey-q3-text")
    page.chrome.switch_to.active_element.send_keys(Keys.ALT, Keys.ARROW_UP)  # above the question before it
    order = "return [...document.querySelectorAll('[data-item]')].map((one) => one.dataset.item).join(' ')"
    page.wait(lambda: str(page.chrome.execute_script(order)).startswith("may_i q1 q3 q2 end"))
    page.find('[data-item="q1"] .survey-title').click()
    page.find("#survey-q1-branch-add").click()
    Select(page.find("#survey-q1-branch-to-0")).select_by_value("q2")
    page.wait(lambda: "坐席可以用。语音还不能用：有 7 项没有录音" in page.text("#survey-told"))
    assert _asks_before_it_leaves(page)
    assert page.fits()
    page.keep_picture("console-survey.png")

    page.find("#survey-try").click()
    page.wait(lambda: page.text(".form-questions").count("请") > 1)
    page.find('[data-question="q1"] [data-value="1"]').click()
    page.wait(lambda: not page.chrome.find_elements(By.CSS_SELECTOR, '[data-question="q3"]'))
    still = "return document.getAnimations().every((one) => one.playState !== 'running')"
    page.wait(lambda: page.chrome.execute_script(still))
    page.keep_picture("console-survey-preview.png")
    page.find(".el-dialog__headerbtn").click()
    page.wait(lambda: not page.chrome.find_elements(By.CSS_SELECTOR, ".form-questions"))
    page.find("#survey-save").click()
    page.wait(lambda: "第 1 版" in page.text('[data-survey="新车主"]'))
    assert not _asks_before_it_leaves(page)

    with wave.open(str(folder / "满意吗.wav"), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((b"\x00\x20" * 8 + b"\x00\xe0" * 8) * 1000)
    page.find('[data-item="q1"] .survey-title')
    if not page.chrome.find_elements(By.ID, "survey-q1-sound"):
        page.find('[data-item="q1"] .survey-title').click()
    page.find("#survey-q1-sound").send_keys(str(folder / "满意吗.wav"))
    page.wait(lambda: "有 6 项没有录音" in page.text("#survey-told"))
    page.wait(lambda: page.find("#survey-save").is_enabled())
    page.find("#survey-save").click()
    page.wait(lambda: "第 2 版" in page.text('[data-survey="新车主"]'))

    page.find("#survey-q1-text").send_keys("请打分。")
    page.chrome.execute_script(ANOTHER_VERSION, "新车主")
    page.wait(lambda: page.chrome.execute_script("return window.version ?? null") == 3)
    page.wait(lambda: page.find("#survey-save").is_enabled())
    page.find("#survey-save").click()
    page.wait(lambda: "admin 在" in page.text("#survey-overtaken") and "谢谢您" in page.text("#survey-compare"))
    page.find('.surveys a[href="#/campaigns"]').click()
    page.find("#to-surveys").click()
    page.find('[data-survey="新车主"] a').click()
    page.wait(lambda: "请打分。" in page.text("#survey-compare"))
    page.keep_picture("console-survey-overtaken.png")
    page.wait(lambda: page.find("#survey-keep-mine").is_enabled())
    page.find("#survey-keep-mine").click()
    page.wait(lambda: "第 4 版" in page.text('[data-survey="新车主"]') and not page.text("#survey-overtaken"))
    assert "第 3 版" in page.text("#survey-versions")


def _write(page: Page, key: str, text: str) -> None:
    """As by hand: what was there is marked and written over; a field that is emptied first may be filled in again by
    the page, where an answer to the check of before comes in between.
    """
    field = page.find(f'[id="campaign-field-{key}"]')
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(text)
    page.wait(lambda: _value(page, key) == text)


def _part(page: Page, part: str) -> None:
    page.find(f".campaign-parts input[value={part}]").find_element(By.XPATH, "..").click()


def _asks_before_it_leaves(page: Page) -> bool:
    """As the browser does when the tab is reloaded or closed."""
    leave = "const leave = new Event('beforeunload', { cancelable: true }); return !window.dispatchEvent(leave)"
    return bool(page.chrome.execute_script(leave))


def _focus(page: Page) -> str:
    return str(page.chrome.execute_script("return document.activeElement?.id ?? ''"))


def _rows(page: Page) -> int:
    return len(page.chrome.find_elements(By.CSS_SELECTOR, "tbody tr.link"))


def _shown(page: Page, key: str) -> bool:
    return bool(page.chrome.find_elements(By.CSS_SELECTOR, f'[id="campaign-field-{key}"]'))


def _value(page: Page, key: str) -> str:
    say = "return document.getElementById(arguments[0])?.value ?? ''"
    return str(page.chrome.execute_script(say, f"campaign-field-{key}"))


def _order(page: Page, what: str) -> None:
    page.wait(lambda: page.find(f"#campaign-{what}").is_enabled())
    page.find(f"#campaign-{what}").click()
    _confirm(page)


def _confirm(page: Page) -> None:
    page.wait(lambda: page.find("#campaign-confirm").is_displayed())
    page.find("#campaign-confirm").click()
    page.wait(lambda: not page.chrome.find_elements(By.ID, "campaign-confirm"))
