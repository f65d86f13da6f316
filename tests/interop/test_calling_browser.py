"""Who is called and who is not, in a real browser: the reasons of a contact, a refusal, a consent; times are
typed by the clock of the centre, wherever the browser is.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from campaigns.rules.records import Bar
from tests.interop.test_console_browser import (  # noqa: F401
    Page,
    Served,
    browser,
    page,
    pytestmark,
    served,
)
from tests.unit.console import day

NUMBER = "+8613800138000"
CHANGES = {"Europe/Berlin": ("2026-03-29", "2026-10-25"), "Australia/Lord_Howe": ("2026-04-05", "2026-10-04")}
WALLS = [
    (zone, wall, wall.replace(tzinfo=ZoneInfo(zone)).timestamp())
    for zone, days in {"Asia/Shanghai": ("2026-11-24",), "America/Santiago": ("2026-09-06",), **CHANGES}.items()
    for wall in (datetime.fromisoformat(day) + timedelta(minutes=15) * step for day in days for step in range(96))
]
"""Every quarter of an hour of days with and without a change of clocks, and its moment."""
READ = """
const { momentOn } = await import("/pages/wallclock.js");
return arguments[0].map(([zone, text]) => momentOn(zone, text));
"""


def test_why_a_contact_waits_and_who_is_not_called(page: Page, served: Served) -> None:  # noqa: F811
    calling = served.house.calling
    page.chrome.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Urumqi"})
    page.sign_in()
    read = page.chrome.execute_script(READ, [(zone, f"{wall:%Y-%m-%dT%H:%M}") for zone, wall, _ in WALLS])
    assert read == [at for *_, at in WALLS]
    page.show("campaigns/return-visit-nov")
    page.wait(lambda: page.find('[data-why="1"]'))
    page.find('[data-why="1"]').click()
    page.wait(lambda: "今天对此客户的呼叫已达上限" in page.text("#why-now"))
    assert "不拨" in page.text("#why-decided") and "可拨" in page.text("#why-decided")
    assert page.text("#why-left").startswith("还可呼") and "101" in page.text("#why-promised")
    page.wait(lambda: "10:47:20 101 （那时不拨打，最早 2026-11-19 11:17:20）" in page.text("#why-promised"))
    assert "新疆乌鲁木齐市 · 按西部的呼叫时段" in page.text("#why-place")
    assert page.fits()
    assert page.find("#promise").get_attribute("disabled"), "not without a time"
    page.chrome.execute_script(
        "const at = document.querySelector('#promise-at'); at.value = '2026-11-19T20:30';"
        "at.dispatchEvent(new Event('input'));"
    )
    calling.opens_at = day.MIDNIGHT + 33 * 3600
    page.find("#promise-agent").send_keys("102")
    page.wait(lambda: not page.find("#promise").get_attribute("disabled"))
    page.find("#promise").click()
    page.wait(lambda: [(one.contact, one.agent, one.by) for one in calling.promised] == [(1, "102", "boss")])
    assert calling.promised[0].call_at == datetime(2026, 11, 19, 20, 30, tzinfo=day.ZONE).timestamp()
    page.wait(lambda: "约在 2026-11-19 20:30，但那时不能拨打" in page.text(".el-message--warning"))
    assert "（不在本任务的呼叫时段），最早 2026-11-20 09:00 拨打" in page.text(".el-message--warning")
    page.keep_picture("promised-later.png")

    page.show("campaigns")
    page.wait(lambda: "没有被拒绝" in page.text(".calling .empty"))
    calling.kept += [Bar(NUMBER, "listed", "import", day.NOW, "boss", "名单.csv", "", "", None, "", "")]
    page.find(".calling-search input").send_keys("13800138000", Keys.ENTER)
    page.wait(lambda: "免打扰名单" in page.text("#bars") and "138 0013 8000" in page.text("#bars"))
    assert page.fits()

    page.find(f'[data-free="{NUMBER}"]').click()
    assert page.find("#calling-confirm").get_attribute("disabled"), "not without a reason"
    page.find("#calling-reason").send_keys("客户来电要求恢复")
    page.find("#calling-confirm").click()
    page.wait(lambda: any(bar.freed_by == "boss" for bar in calling.kept))
    page.wait(lambda: "138 0013 8000" not in page.text("#bars"))

    page.find(".calling input[value=consents]").find_element(By.XPATH, "..").click()
    page.find("#calling-agree").click()
    page.find("#calling-number").send_keys("13800138000")
    assert page.find("#calling-confirm").get_attribute("disabled"), "not without evidence"
    page.find("#calling-evidence").send_keys("合同 7，档案柜 3")
    page.find("#calling-confirm").click()
    page.wait(lambda: "合同 7" in page.text("#consents"))
    assert (calling.agreed[0].number, calling.agreed[0].given_at) == (NUMBER, day.MIDNIGHT)
    assert page.complaints() == []


def test_an_agent_says_that_the_customer_wants_no_more_calls(page: Page, served: Served) -> None:  # noqa: F811
    page.sign_in("wang")
    page.show(f"call/{day.STAR}")
    page.find("#refuse").click()
    page.find("#refuse-note").send_keys("不要再打了")
    page.find("#refuse-confirm").click()
    page.wait(lambda: [bar.how for bar in served.house.calling.kept] == ["agent"])
    page.show("campaigns")
    page.wait(lambda: "十一月售后回访" in page.text(".campaigns"))
    assert not page.chrome.find_elements(By.CSS_SELECTOR, ".calling"), "the list is not for agents"
    assert page.complaints() == []
