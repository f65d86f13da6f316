"""A supervisor makes a campaign in a real browser, gives it a list, tries it out, starts, pauses and stops it; the
service is a real one, and a carrier is really called.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from core.numbers import normalise
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Line, basic, free_port, serving
from tests.interop.test_console_browser import Page, browser, pytestmark  # noqa: F401

NUMBERS = ["+8613800138000", "+8613900139000", "+8613700137000"]
LIST = "手机号,姓名\n" + "".join(f"{number[3:]},客户{at}\n" for at, number in enumerate(NUMBERS, 1))


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
    assert carrier.dialled == NUMBERS[:2]


def _drive(page: Page, line: Line, carrier: Carrier, folder: Path) -> None:
    page.chrome.get(page.address)
    page.find("#sign-in-name").send_keys("admin")
    page.find("#sign-in-password").send_keys(line.password, Keys.ENTER)
    page.find("#answer-rate")
    page.show("campaigns")

    page.find("#campaign-new").click()
    page.find("#campaign-field-name").send_keys("春季回访")
    _write(page, "caller_id", "4008-1")
    page.wait(lambda: "主叫号码只能是数字" in page.text(".campaign-form"))
    assert page.find("#campaign-save").get_attribute("disabled"), "not with a fault"
    _write(page, "caller_id", "4008001234")
    _write(page, "concurrency", "1")
    _write(page, "hours", "daily 00:00-24:00")
    page.find("#campaign-retry summary").click()
    Select(page.find('[id="campaign-field-retry.busy"]')).select_by_value("2 h")
    _write(page, "retry.attempts", "50")
    page.wait(lambda: "次数是 1 到 20 的整数" in page.text("#campaign-retry"))
    _write(page, "retry.attempts", "5")
    page.wait(lambda: page.find("#campaign-save").is_enabled() and not page.text(".campaign-wrong"))
    page.keep_picture("console-campaign-form.png")
    page.find("#campaign-save").click()
    page.wait(lambda: "春季回访" in page.text(".campaign") and not page.chrome.find_elements(By.ID, "campaign-save"))

    Select(page.find("#list-campaign")).select_by_value("春季回访")
    page.find("#list-file").send_keys(str(folder / "名单.csv"))
    page.wait(lambda: page.find("#list-upload").is_enabled())
    page.find("#list-upload").click()
    page.wait(lambda: "可导入 3 行" in page.text("#list-counts") and page.find("#list-take").is_enabled())
    page.find("#list-take").click()
    page.wait(lambda: "导入 3 行" in page.text("#list-taken"))

    _part(page, "dry")
    page.find("#dryrun-again").click()
    page.wait(lambda: "看了 3 人，现在可拨 3 人" in page.text("#dryrun-sum"))
    assert "138 0013 8000" in page.text("#dryrun") and carrier.dialled == []
    assert page.fits()
    page.keep_picture("console-campaign-dry-run.png")

    _part(page, "board")
    page.wait(lambda: page.text("#campaign-live-pending") == "3")
    _order(page, "start")
    page.wait(lambda: carrier.dialled == NUMBERS[:2])
    page.wait(lambda: page.text("#campaign-live-ringing") == "1" and page.text("#campaign-live-attempts") == "2")
    page.keep_picture("console-campaign-board.png")
    page.wait(lambda: "进行中" in page.text(".campaign.here"))
    assert page.find("#campaign-edit").get_attribute("disabled"), "not while it runs"
    _order(page, "pause")
    page.wait(lambda: "已暂停" in page.text(".campaign.here"))
    _part(page, "report")
    page.wait(lambda: page.text("#campaign-figure-attempts") == "1" and "忙" in page.text("#campaign-results"))
    assert page.find("#campaign-stage-dialled").text.split()[:2] == ["已拨", "2"], "one of them rings"
    Select(page.find("#campaign-days")).select_by_value("90")
    page.wait(lambda: str(page.find(".downloads a").get_attribute("href")).endswith("/report.csv?days=90"))
    _part(page, "plan")
    page.wait(lambda: "admin 建于" in page.text(".campaign-plan") and "2 小时后" in page.text(".campaign-plan"))
    page.keep_picture("console-campaign.png")
    _order(page, "stop")
    page.wait(lambda: "已停止" in page.text(".campaign.here"))
    assert not page.chrome.find_elements(By.ID, "campaign-start"), "it was stopped for good"
    assert page.complaints() == []


def _write(page: Page, key: str, text: str) -> None:
    field = page.find(f'[id="campaign-field-{key}"]')
    field.clear()
    field.send_keys(text)


def _part(page: Page, part: str) -> None:
    page.find(f".campaign-parts input[value={part}]").find_element(By.XPATH, "..").click()


def _order(page: Page, what: str) -> None:
    page.wait(lambda: page.find(f"#campaign-{what}").is_enabled())
    page.find(f"#campaign-{what}").click()
    page.wait(lambda: page.find("#campaign-confirm").is_displayed())
    page.find("#campaign-confirm").click()
    page.wait(lambda: not page.chrome.find_elements(By.ID, "campaign-confirm"))
