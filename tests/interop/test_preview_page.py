"""Preview on the agent's own page, in a real browser: he reads, skips with a reason, and dials by a key."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from campaigns.preview_facts import PreviewShown
from console.form_views import PartView
from telephony.facts import TalkStarted
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, serve  # noqa: F401
from tests.unit.console.fakes import make_house
from tests.unit.console.test_preview_api import SHOWN, FakePreviews


@pytest.fixture
def previews() -> FakePreviews:
    return FakePreviews()


@pytest.fixture
def served(tmp_path: Path, previews: FakePreviews) -> Iterator[Served]:
    house = make_house(tmp_path)
    house.deps = replace(house.deps, previews=previews)
    yield from serve(house)


def test_he_reads_dials_and_skips(page: Page, served: Served, previews: FakePreviews) -> None:  # noqa: F811
    page.sign_in("wang")
    page.wait(lambda: "王先生" in page.text("#preview-name") and "****" in page.text("#preview-number"))
    assert "轩逸" in page.text("#preview") and "2" in page.text("#preview-tries")
    assert page.text("#preview-left") and not page.chrome.find_elements("css selector", "#preview-next")
    previews.shown = replace(SHOWN, script=[PartView("paragraph", "您好，请问是王先生吗？")])
    previews.rings = True
    page.press(Keys.ENTER)
    page.wait(lambda: previews.asked == [("101", "a-1", "dial")])
    page.wait(lambda: "正在呼叫" in page.text("#preview") and "请问是王先生吗" in page.text("#preview .script"))
    assert not page.chrome.find_elements("css selector", "#preview-dial, #preview-left, #preview-skip")
    page.press(Keys.ENTER)
    page.keep_picture("console-preview-calling.png")
    previews.rings = False
    served.run(lambda: served.house.log.post("c-7", TalkStarted("101", "sales")))
    page.wait(lambda: not page.chrome.find_elements("css selector", "#preview"))
    assert previews.asked == [("101", "a-1", "dial")]
    previews.asked.clear()
    shown = PreviewShown(SHOWN.campaign, SHOWN.contact, SHOWN.attempt, "101", SHOWN.until)
    served.run(lambda: served.house.log.post("c-7", shown))
    page.wait(lambda: page.text("#preview-name"))
    page.press("s")
    page.wait(lambda: page.chrome.execute_script("return document.activeElement?.dataset.reason") == "wrong_time")
    page.chrome.switch_to.active_element.send_keys(Keys.ENTER)
    page.wait(lambda: previews.asked == [("101", "a-1", "skip", "现在时间不合适")])


def test_by_hand_there_is_no_limit_and_a_next_one(page: Page, served: Served, previews: FakePreviews) -> None:  # noqa: F811
    previews.shown = replace(SHOWN, manual=True)
    page.sign_in("wang")
    page.wait(lambda: page.text("#preview-manual") == "不限时")
    assert not page.chrome.find_elements("css selector", "#preview-left")
    page.press("n")
    page.wait(lambda: previews.asked == [("101", "a-1", "skip", "下一位")])
