"""An agent's own page, by keyboard only, in a real browser against the scripted house."""

from dataclasses import replace

from selenium.webdriver.common.keys import Keys

from acd.facts import AgentStateChanged, OfferMade, QueueEntered
from campaigns.promised import PromisedCall
from campaigns.rules.records import Bar
from console.agent_desk_views import DeskNow
from desk.facts import CallDisposed, DispositionSet
from reports.dispositions import Disposed
from telephony.facts import CallStarted
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, served  # noqa: F401
from tests.unit.console import day
from tests.unit.console.fakes import FakePlacing

REFUSED = Bar("+8613700137000", "refused", "agent", day.NOW, "wang", "", "", "", None, "", "")


def test_an_agent_works_by_keyboard_on_his_own_page(page: Page, served: Served) -> None:  # noqa: F811
    house = served.house
    log, desks, placing, calling = house.log, house.desks, house.deps.placing, house.calling
    assert isinstance(placing, FakePlacing)

    def rings() -> None:
        desks.work["101"] = DeskNow(day.STAR, "sales", "available")
        log.post(day.STAR, CallStarted("inbound", "+8613812345678", day.LINE, "carrier"))
        log.post(day.STAR, QueueEntered("q-star", "sales"))
        log.post(day.STAR, OfferMade("o-star", "q-star", "sales", "101"))
        log.post("", AgentStateChanged("101", "ringing"))

    def state() -> str:
        return [event.fact.state for event in log.events if isinstance(event.fact, AgentStateChanged)][-1]

    star = next(row for row in house.store.rows if row.id == day.STAR)
    ours = replace(star, id="c-ours", direction="outbound", ani=day.LINE, dnis=star.ani, started_at=day.NOW - 90000)
    test = replace(star, id="c-test", ani="+8613700137099", started_at=day.NOW - 450, probe="早上拨测")
    house.store.rows.insert(0, ours)
    house.store.rows.append(test)
    page.sign_in("wang")
    page.wait(lambda: page.chrome.current_url.endswith("#/desk"))
    page.wait(lambda: page.text("#desk-figures"))
    page.wait(lambda: len(page.chrome.find_elements("css selector", "#desk-last tbody tr")) == 8)
    tests = [row for row in page.chrome.find_elements("css selector", "#desk-last tbody tr") if "拨测" in row.text]
    assert len(tests) == 1 and "回电" not in tests[0].text, "whom the probe calls is no customer"
    assert "回电" in page.text("#desk-last")
    page.press("p")
    page.wait(lambda: "choice" in str(page.chrome.execute_script("return document.activeElement?.className ?? ''")))
    page.chrome.switch_to.active_element.send_keys("2")
    page.wait(lambda: log.facts(AgentStateChanged)[-1] == AgentStateChanged("101", "paused", "用餐"))
    page.wait(lambda: not page.chrome.execute_script("return document.querySelector('#desk-reasons')?.offsetParent"))
    served.run(lambda: log.post("", AgentStateChanged("101", "paused", "用餐", day.NOW - 90)))
    page.wait(lambda: "超时" in page.text("#desk-over"))
    page.press("a")
    page.wait(lambda: state() == "available")
    page.wait(lambda: page.text("#desk-state") == "空闲")

    page.press("c")
    page.wait(lambda: page.chrome.execute_script("return document.activeElement?.id") == "desk-number")
    page.find("#desk-number").send_keys("13900139000", Keys.ENTER)
    page.wait(lambda: placing.asked == [("101", "13900139000")])
    page.wait(lambda: page.find("#desk-number").get_attribute("value") == "")
    served.run(lambda: calling.kept.append(REFUSED))
    page.find("#desk-number").send_keys("13700137000", Keys.ENTER)
    page.wait(lambda: page.text("#dial-despite-call") == "仍然拨打")
    page.find("#dial-despite").send_keys("他要求回电", Keys.ENTER)
    page.wait(lambda: (placing.asked[-1], placing.despite[-1]) == (("101", "13700137000"), "他要求回电"))
    page.wait(lambda: not page.chrome.execute_script("return document.querySelector('#dial-despite')?.offsetParent"))
    page.chrome.execute_script("document.activeElement.blur()")

    served.run(rings)
    page.wait(lambda: page.text("#desk-state") == "振铃")
    page.wait(lambda: "****" in page.text("#desk-call"))
    page.wait(lambda: page.text('[data-fact="queue"]') == "购车咨询")
    page.wait(lambda: "我方呼出" in page.text("#desk-earlier"))
    assert page.fits()

    served.run(lambda: desks.wrap_up("101", day.STAR, house.clock.now()))
    page.wait(lambda: page.text("#desk-left"))
    page.keep_picture("console-desk.png")
    page.press("d")
    page.wait(lambda: page.chrome.execute_script("return document.activeElement?.name") == "disposition-code")
    page.chrome.switch_to.active_element.send_keys(" ")
    page.find("#disposition-save").send_keys(Keys.ENTER)
    page.wait(lambda: "客户姓名" in page.text("#disposition-fault"))
    page.find("#disposition-customer").send_keys("王先生", Keys.ENTER)
    page.wait(lambda: log.facts(CallDisposed) == [CallDisposed("101", "sales", "deal", "wang", customer="王先生")])
    page.chrome.execute_script("document.activeElement.blur()")
    page.press("e")
    page.wait(lambda: page.find("#desk-extend").get_attribute("disabled"))
    assert desks.now("101").wrap_up is not None
    assert page.fits()
    page.press("f")
    page.wait(lambda: page.text("#desk-state") == "空闲")
    page.wait(lambda: not page.text("#desk-left"))
    page.press("2")
    page.find("#answer-rate")
    page.find("#language").send_keys(Keys.ENTER)
    page.wait(lambda: "My desk" in page.text(".top nav"))
    page.show("desk")
    page.wait(lambda: page.text("#desk-state") == "Available")
    assert page.fits()
    asked = ("422", "409")  # the form's first try, and whom one is asked about: the browser tells of both
    assert [line for line in page.complaints() if not any(status in line for status in asked)] == []


def test_a_supervisor_sees_what_came_of_calls_and_corrects_it(page: Page, served: Served) -> None:  # noqa: F811
    house = served.house
    house.dispositions.counted = [Disposed("sales", "101", "deal", 3), Disposed("sales", "101", "", 1)]
    served.run(lambda: house.log.post(day.STAR, CallDisposed("101", "sales", "wrong", "wang")))
    page.sign_in("boss")
    page.show(f"call/{day.STAR}")
    page.wait(lambda: "打错" in page.text(".came-of strong") and page.text("#call-earlier"))
    page.find("details summary").send_keys(Keys.ENTER)
    page.find('input[value="later"]').send_keys(" ")
    page.wait(lambda: "约定再打的时间" in page.text(".disposition"))
    assert page.find("#disposition-date").get_attribute("type") == "datetime-local"
    page.chrome.execute_script(
        "const at = document.querySelector('#disposition-date'); at.value = '2026-11-30T15:00';"
        "at.dispatchEvent(new Event('input'))"
    )
    page.keep_picture("console-disposition-later.png")
    first_at = day.MIDNIGHT + 12 * 86_400
    house.dispositions.promised = PromisedCall(first_at - 33_000, first_at, "list_hours", "时段外", "closed")
    page.find("#disposition-save").send_keys(Keys.ENTER)
    page.wait(lambda: house.log.facts(DispositionSet) == [DispositionSet("101", "later", "boss")])
    assert house.log.facts(CallDisposed)[-1] == CallDisposed("101", "sales", "later", "boss", date="2026-11-30 15:00")
    page.wait(lambda: "（时段外），最早 2026-12-01 00:00 拨打" in page.text(".el-message--warning"))
    house.dispositions.promised = None
    page.wait(lambda: "2026-11-30 15:00" in page.text(".came-of:last-of-type, .came-of + .came-of"))
    page.find('input[value="deal"]').send_keys(" ")
    page.find("#disposition-customer").send_keys("王先生", Keys.ENTER)
    page.wait(lambda: house.log.facts(DispositionSet)[1:] == [DispositionSet("101", "deal", "boss")])
    page.wait(lambda: len(page.chrome.find_elements("css selector", ".came-of")) == 3)
    page.show("reports")
    page.wait(lambda: "成交意向" in page.text("#dispositions"))
    page.find("#dispositions button.figure").send_keys(Keys.ENTER)
    page.wait(lambda: "disposition=missing" in page.chrome.current_url)
    assert page.fits() and page.complaints() == []


def test_a_supervisor_opens_a_weekly_report(page: Page, served: Served) -> None:  # noqa: F811
    folder = served.house.deps.recordings.parent / "reports"
    folder.mkdir()
    (folder / "line400-2026-W45.txt").write_text("客服周报 2026-W45：接通率 77.8 %\n", encoding="utf-8")
    styled = "<!doctype html><meta charset='utf-8'><style>h1 { color: rgb(1, 2, 3) }</style><h1>客服周报</h1>"
    (folder / "line400-2026-W45.html").write_text(styled, encoding="utf-8")
    page.sign_in("boss")
    page.show("reports")
    page.find('a[href="#/reports/weekly"]').send_keys(Keys.ENTER)
    page.wait(lambda: "接通率 77.8 %" in page.text("#weekly-papers"))
    assert page.fits()
    page.chrome.get(page.find('[data-weekly="2026-W45.html"]').get_attribute("href") or "")
    assert page.find("h1").value_of_css_property("color") == "rgba(1, 2, 3, 1)"
    assert page.text("h1") == "客服周报"
    assert [line for line in page.complaints() if "favicon" not in line] == []
