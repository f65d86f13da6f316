"""The supervisor's work on the page Live, by keyboard, in a real browser against the scripted house."""

from selenium.webdriver.common.keys import Keys

from acd.alarm_facts import AlarmCleared, AlarmRaised
from acd.facts import QueueEntered
from acd.supervision_facts import AgentMessage, SupervisionAsked, SupervisionStarted
from telephony.facts import CallStarted, TalkStarted
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, served  # noqa: F401
from tests.unit.console import day

WHISPER = ("102", "chief", "whisper", "101")


def test_a_talk_is_whispered_into_and_taken_over_by_keyboard(page: Page, served: Served) -> None:  # noqa: F811
    log, asked = served.house.log, served.house.supervision.asked

    def talk() -> None:
        log.post(day.STAR, CallStarted("inbound", "+8613800138000", day.LINE, "carrier"))
        log.post(day.STAR, TalkStarted("101", "sales"))

    def comes_in() -> None:
        log.post(day.STAR, SupervisionAsked(*WHISPER))
        log.post(day.STAR, SupervisionStarted(*WHISPER))

    button = f'[data-supervise="{day.STAR}"]'
    focused = "return document.activeElement?.className ?? ''"
    served.run(talk)
    page.sign_in("chief")
    page.find(button).send_keys(Keys.ENTER)
    page.wait(lambda: "choice" in str(page.chrome.execute_script(focused)))
    page.keep_picture("console-supervise.png")
    page.chrome.switch_to.active_element.send_keys("w")
    page.wait(lambda: asked == [(day.STAR, "102", "whisper", "chief")])
    served.run(comes_in)
    page.wait(lambda: "耳语" in page.text(".tag.supervisor"))
    page.wait(lambda: not page.chrome.execute_script("return document.querySelector('#supervise')?.offsetParent"))
    page.find(button).send_keys(Keys.ENTER)
    page.wait(lambda: "choice" in str(page.chrome.execute_script(focused)))
    page.chrome.switch_to.active_element.send_keys("t")
    page.wait(lambda: "确认接管" in page.text('[data-mode="take_over"]'))
    assert len(asked) == 1, "it wants to be asked twice"
    page.chrome.switch_to.active_element.send_keys("t")
    page.wait(lambda: asked[1:] == [(day.STAR, "102", "take_over", "chief")])
    served.run(lambda: log.post("", AlarmRaised("wait", "longest_wait", "sales", 130.0, 120.0)))
    page.wait(lambda: "上限" in page.text('[data-alarm="wait"]'))
    assert page.fits()
    served.run(lambda: log.post("", AlarmCleared("wait", "longest_wait", "sales", 0.0, 5.0)))
    page.wait(lambda: not page.text('[data-alarm="wait"]'))
    assert page.complaints() == []


def test_a_waiting_caller_is_sent_on_an_agent_told_and_both_are_in_the_record(page: Page, served: Served) -> None:  # noqa: F811
    house = served.house

    def waits() -> None:
        house.log.post(day.STAR, CallStarted("inbound", "+8613800138000", day.LINE, "carrier"))
        house.log.post(day.STAR, QueueEntered("q-star", "sales"))

    served.run(waits)
    page.sign_in("chief")
    page.find(f'[data-waiting="{day.STAR}"]').send_keys(Keys.ENTER)
    page.find('[data-move="service"]').send_keys(Keys.ENTER)
    page.wait(lambda: house.waiting.asked == [(day.STAR, "move", "service", "chief")])
    page.wait(lambda: not page.chrome.execute_script("return document.querySelector('#waiting-choices')?.offsetParent"))
    page.find('[data-agent="102"]').send_keys(Keys.ENTER)
    page.find("#message-text").send_keys("请尽快回座", Keys.ENTER)
    page.wait(lambda: house.log.facts(AgentMessage) == [AgentMessage("102", "请尽快回座", "chief")])
    page.wait(lambda: "请尽快回座" in page.text(".el-notification"))  # it is his own number
    page.show("system")
    page.wait(lambda: "请尽快回座" in page.text("#acts") and "给坐席的消息" in page.text("#acts"))
    assert page.fits() and page.complaints() == []
