"""An agent consults and parks by keyboard, on his desk and on the page Live, in a real browser against the scripted
house.
"""

from selenium.webdriver.common.keys import Keys

from acd.facts import AgentStateChanged
from acd.phone_facts import CallParked, ConsultAnswered, ConsultEnded, ConsultJoined, ConsultStarted
from console.agent_desk_views import DeskNow
from core.events import Fact
from telephony.facts import CallStarted, TalkEnded, TalkStarted
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, served  # noqa: F401
from tests.unit.console import day
from tests.unit.console.fakes import FakeConsulting, FakeParking


def test_a_colleague_is_asked_and_a_talk_parked_and_taken_by_keyboard(page: Page, served: Served) -> None:  # noqa: F811
    house = served.house
    consulting, parking = house.deps.consulting, house.deps.parking
    assert isinstance(consulting, FakeConsulting) and isinstance(parking, FakeParking)

    def becomes(*facts: Fact) -> None:
        def happen() -> None:
            for fact in facts:
                house.log.post(day.STAR, fact)

        served.run(happen)

    def focused() -> str:
        return str(page.chrome.execute_script("return document.activeElement?.id ?? ''"))

    def types(field: str, *keys: str) -> None:
        """Into what has the focus, which is ``field``."""
        page.wait(lambda: focused() == field)
        page.chrome.switch_to.active_element.send_keys(*keys)

    def open_dialog() -> bool:
        return bool(page.chrome.execute_script("return document.querySelector('#consult')?.offsetParent"))

    house.desks.work["101"] = DeskNow(day.STAR, "sales", "available")
    page.sign_in("wang")
    becomes(
        CallStarted("inbound", "+8613812345678", day.LINE, "carrier"),
        TalkStarted("101", "sales"),
        AgentStateChanged("101", "talking"),
    )
    page.find("#desk-consult")
    page.press("q")
    types("consult-to", "102", Keys.ENTER)
    page.wait(lambda: consulting.asked == [(day.STAR, "begin", "102", "wang")])
    becomes(ConsultStarted("101", "102", "wang"))
    page.wait(lambda: "正在呼叫" in page.text("#consult-stage"))
    becomes(ConsultAnswered("101", "102"))
    page.wait(lambda: page.text('[data-consulting="join"]'))
    types("consult", "j")
    page.wait(lambda: consulting.asked[1:] == [(day.STAR, "join", "wang")])
    becomes(ConsultJoined("101", "102", "wang"))
    page.wait(lambda: "三方" in page.text("#consult-stage"))
    assert not page.text('[data-consulting="join"]') and page.fits()
    types("consult", "t")
    page.wait(lambda: consulting.asked[2:] == [(day.STAR, "complete", "wang")])
    becomes(ConsultEnded("101", "102", "wang", "hung_up"))
    types("consult-to", Keys.ESCAPE)
    page.wait(lambda: not open_dialog())
    page.find("body").click()
    page.press("k")
    page.wait(lambda: parking.asked == [(day.STAR, "park", "", "wang")])
    becomes(TalkEnded("101", 5.0, 0.0, "sales"), CallParked("1", "101"))
    page.wait(lambda: not page.chrome.find_elements("css selector", "#desk-park"))

    page.show("live")
    take = f'[data-park="{day.STAR}"]'
    page.wait(lambda: page.text(take) == "取回")
    page.find(take).send_keys(Keys.ENTER)
    page.wait(lambda: parking.asked[1:] == [(day.STAR, "take", "101")])
    becomes(TalkStarted("101"))
    page.wait(lambda: page.text(take) == "驻留")
    page.find(f'[data-consult="{day.STAR}"]').send_keys(Keys.ENTER)
    types("consult-to", "103", Keys.ENTER)
    page.wait(lambda: consulting.asked[3:] == [(day.STAR, "begin", "103", "wang")])
    assert page.chrome.current_url.endswith("#/live"), "neither the row's click nor its keys"
    assert page.fits() and page.complaints() == []
