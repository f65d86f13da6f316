"""A supervisor imports a list in a real browser: handed over, looked at, columns chosen, taken in, rejects at hand."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from service.clock import SystemClock
from service.lists import ListDesk
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, serve  # noqa: F401
from tests.unit.console.fakes import make_house
from tests.unit.console.selections_fake import FakeSelections

LIST = """\
客户,手机号,家庭电话,车型
王小明,13800138000,021-58880000,凯美瑞
李雷,1380013800,,卡罗拉
韩梅,13900139000,,汉兰达
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The scripted house, with a real desk for lists."""

    house = make_house(tmp_path)
    url = f"sqlite:///{tmp_path}/line400.db"
    desk = ListDesk(tmp_path / "lists", url, lambda: ["visits", "tradein"], SystemClock(), house.deps.entropy)
    worker = (sys.executable, "-m", "service.consent_worker", "Asia/Shanghai")
    agreed = ListDesk(
        tmp_path / "agreed", url, lambda: ["promotion", "service"], SystemClock(), house.deps.entropy, worker
    )
    worker = (sys.executable, "-m", "service.bar_worker")
    never = ListDesk(tmp_path / "never", url, lambda: ["listed", "refused"], SystemClock(), house.deps.entropy, worker)
    deps = replace(house.deps, lists=desk, consent_lists=agreed, bar_lists=never, selections=FakeSelections())
    yield from serve(replace(house, deps=deps))


def test_a_list_is_imported(page: Page, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "名单.csv").write_bytes(LIST.encode("gb18030"))
    page.sign_in()
    page.show("campaigns")
    Select(page.find("#list-campaign")).select_by_value("tradein")
    page.find("#list-file").send_keys(str(tmp_path / "名单.csv"))
    page.wait(lambda: page.find("#list-upload").is_enabled())
    page.find("#list-upload").click()
    page.wait(lambda: "可导入 2 行" in page.text("#list-counts"))
    assert (
        page.text("#list-waits").startswith("“名单.csv”（boss 上传）等待核对") and page.find("#list-file").is_enabled()
    )
    assert Select(page.find("#list-encoding")).first_selected_option.text.startswith("GB18030")
    assert "号码位数不对 1" in page.text("#list-flaws")
    assert "第 3 行" in page.text(".list-rejects")
    assert page.fits()

    def roles() -> list[str]:
        found = (
            "[...document.querySelectorAll('#list-columns select')].map((one) => one.selectedOptions[0].textContent)"
        )
        return list(page.chrome.execute_script(f"return {found}"))

    def free() -> None:
        page.wait(lambda: page.chrome.find_elements(By.CSS_SELECTOR, "#list-take:not([disabled])"))

    assert roles() == ["姓名", "号码 1", "号码 2", "其他信息"]
    Select(page.find('[data-column="家庭电话"]')).select_by_value("0")
    page.wait(lambda: roles() == ["姓名", "号码 2", "号码 1", "其他信息"])
    page.wait(lambda: "固话 1" in page.text("#list-counts"))
    free()
    Select(page.find('[data-column="家庭电话"]')).select_by_value("")
    page.wait(lambda: roles() == ["姓名", "号码 1", "其他信息", "其他信息"])
    free()
    page.keep_picture("console-list.png")
    page.find("#list-take").click()
    page.wait(lambda: "导入 2 行，未导入 1 行" in page.text("#list-taken"))
    assert str(page.find("#list-rejects").get_attribute("href")).endswith("/rejects.csv")
    page.find("#list-forget").click()
    page.find("#list-upload")
    page.find("#to-selections").click()
    people_are_selected(page)
    answers_are_shown(page)
    assert page.complaints() == []


def answers_are_shown(page: Page) -> None:  # noqa: F811
    """In the report of a campaign, by kind of question."""
    page.show("campaigns/return-visit-nov")
    page.find(".campaign-parts input[value=report]").find_element(By.XPATH, "..").click()
    page.wait(lambda: "讲解了吗？" in page.text('[data-question="told"]'))
    assert "问卷 服务回访（版本 5d1c0ffee123）" in page.text(".campaign-report"), "by its title"
    assert "是否 · 24 人回答" in page.text('[data-question="told"]')
    assert "有1979.2%（60%–91%）" in page.text('[data-question="told"]')
    assert "空间" in page.text('[data-question="why"]') and "63.6%" in page.text('[data-question="why"]')
    how_far = page.text('[data-question="km"]')
    assert "跑了多少公里？" in how_far and "中位数 5200（3500 … 7800） 公里" in how_far and "1200 至 21000" in how_far
    assert "11 人回答" in page.text('[data-question="reason"]')
    assert page.fits()
    page.chrome.execute_script("document.querySelector('[data-question=told]').scrollIntoView()")
    page.keep_picture("console-survey-report.png")


def people_are_selected(page: Page) -> None:  # noqa: F811
    """By a supervisor, on the page of selections."""
    page.find("#selections-names-0").send_keys("轩逸")
    page.find("#selections-add").click()
    page.wait(lambda: page.chrome.switch_to.active_element.get_attribute("id") == "selections-reason-1")
    Select(page.find("#selections-reason-1")).select_by_value("visited")
    page.find("#selections-not-1").click()
    page.find("#selections-most-1").send_keys("180", Keys.ENTER)
    page.wait(lambda: "符合 250 人，其中 245 人可拨打" in page.text("#selections-count"))
    assert page.text("#selections-left-0") == "−500，剩 500"
    assert "沪A12345" in page.text("#selections-people")
    assert page.fits()
    page.find("#selections-name").send_keys("久未进店")
    page.wait(lambda: page.find("#selections-keep").is_enabled())
    page.find("#selections-keep").click()
    page.find('[data-open="久未进店"]')
    page.find("#selections-living").click()
    page.wait(lambda: page.find("#selections-again").is_displayed())
    page.find("#selections-again").send_keys(Keys.END, Keys.BACKSPACE, "60")
    page.find("#selections-hold").send_keys(Keys.END, "5")
    page.find("#selections-take").click()
    page.wait(lambda: "选入 250" in page.text("#selections-feeds"))
    assert "60 天后可再选入" in page.text("#selections-feeds")
    page.keep_picture("console-selections.png")
    page.find('[data-effect="visits"]').click()
    page.wait(lambda: "进店：拨打组 40/200，对照组 4/50，差 +12.0%" in page.text(".selections-effect"))
    page.find('[data-end="visits"]').click()
    page.wait(lambda: not page.chrome.find_elements(By.CSS_SELECTOR, "#selections-feeds"))


def test_lists_of_consents_and_of_numbers_not_to_be_called_are_imported(page: Page, tmp_path: Path) -> None:  # noqa: F811
    page.sign_in()
    page.show("campaigns")
    numbers_are_barred(page, tmp_path)
    rows = "手机号,同意日期,方式,凭证\n13800138000,2026-05-01,书面,合同 2026-7\n13900139000,昨天,网上,表单 8\n"
    (tmp_path / "同意.csv").write_bytes(rows.encode("gb18030"))
    page.wait(lambda: page.find(".calling input[value=consents]"))
    page.find(".calling input[value=consents]").find_element(By.XPATH, "..").click()
    page.wait(lambda: "推广" in page.text("#consent-list-campaign"))
    page.find("#consent-list-file").send_keys(str(tmp_path / "同意.csv"))
    page.wait(lambda: page.find("#consent-list-upload").is_enabled())
    page.find("#consent-list-upload").click()
    page.wait(lambda: "可导入 1 行" in page.text("#consent-list-counts"))
    assert "第 3 行" in page.text(".calling .list-rejects") and "同意时间不是日期" in page.text(
        ".calling .list-rejects"
    )
    page.find("#consent-list-file").send_keys(str(tmp_path / "同意.csv"))  # once more, while that one waits
    page.wait(lambda: page.find("#consent-list-upload").is_enabled())
    page.find("#consent-list-upload").click()
    page.wait(lambda: "另有 1 份等待" in page.text("#consent-list-waits"))
    page.find("#consent-list-forget").click()
    page.wait(lambda: "另有" not in page.text("#consent-list-waits"))
    assert page.fits()
    page.find("#consent-list-take").click()
    page.wait(lambda: "导入 1 行，未导入 1 行" in page.text("#consent-list-taken"))


def numbers_are_barred(page: Page, tmp_path: Path) -> None:  # noqa: F811
    """By a list in which more than numbers look like numbers."""
    rows = "会员号,手机号,备用\n88001234567,13911110006,\n13911119999,13911110007,\n02088123456,1391111,\n"
    (tmp_path / "不要打.csv").write_bytes(rows.encode("gb18030"))
    page.wait(lambda: "免打扰名单" in page.text("#bar-list-campaign"))
    page.find("#bar-list-file").send_keys(str(tmp_path / "不要打.csv"))
    page.wait(lambda: page.find("#bar-list-upload").is_enabled())
    page.find("#bar-list-upload").click()
    page.wait(lambda: "共 3 行：新增 2 个号码，已有 0 个，1 行没有读入" in page.text("#bar-list-counts"))
    chosen = (
        "return [...document.querySelectorAll('#bar-list-columns select')].map((one) => one.selectedOptions[0].text)"
    )
    assert page.chrome.execute_script(chosen) == ["其他信息", "号码 1", "其他信息"]
    assert "第 4 行" in page.text(".calling .list-rejects") and page.fits()
    page.keep_picture("console-bar-list.png")
    page.find("#bar-list-take").click()
    page.wait(lambda: "新增 2 个号码，已有 0 个，1 行没有读入" in page.text("#bar-list-taken"))
    assert str(page.find("#bar-list-rejects").get_attribute("href")).endswith("/rejects.csv")
