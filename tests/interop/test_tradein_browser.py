"""Trade-in in a real browser: an agent sees which offers fit and puts down what the customer says; a supervisor sees
the curve with its interval, the ranking with reasons and what owners said, makes and ends offers, and invites to a
launch.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from acd.facts import AgentStateChanged, OfferMade, QueueEntered
from campaigns.tradein.fit import fitted
from campaigns.tradein.kept import written
from campaigns.tradein.synthetic import TRUTH, made
from console.agent_desk_views import DeskNow
from console.preview_views import PreviewView
from console.record_views import KnownPerson
from console.tradein_views import offer_view
from desk.facts import InterestSaid
from desk.interest import Interest
from desk.offer_facts import TradeinOfferChanged, TradeinOfferEnded, TradeinOfferMade, TradeinOfferRemoved
from store.interests import Said
from telephony.facts import CallStarted
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, serve  # noqa: F401
from tests.unit.console import day
from tests.unit.console.fakes import make_house
from tests.unit.console.offers_fake import offer_desk
from tests.unit.console.selections_fake import FakeSelections
from tests.unit.console.test_preview_api import FakePreviews
from tests.unit.console.test_records_api import NUMBER, OUTLOOK, RECORDS, VIN, FakeRecords
from tests.unit.console.tradein_fake import OFFERS, TODAY, FakeTradein


class Records(FakeRecords):
    """With a cycle that was fitted on synthetic owners, and what was put down meanwhile."""

    def __init__(self, tradein: FakeTradein) -> None:
        self.tradein = tradein
        self.cycle = written(fitted([each.tenure for each in made(TRUTH, 1500, random.Random(400).random)]))

    async def of_call(self, call_id: str) -> KnownPerson | None:
        return await self.of_number(NUMBER)

    async def of_number(self, number: str) -> KnownPerson:
        offers = tuple(offer_view(offer, TODAY, {"新轩逸": 2}) for offer in OFFERS)
        return KnownPerson(RECORDS, (OUTLOOK, None), (offers, ()), tuple(await self.tradein.words(NUMBER)))

    async def cycle_text(self) -> str | None:
        return self.cycle


class Previews(FakePreviews):
    """Whom the scripted campaign knows."""

    def of(self, agent: str) -> PreviewView | None:
        shown = super().of(agent)
        return None if shown is None else replace(shown, contact=3)


@pytest.fixture
def previews() -> Previews:
    """A contact is shown to the agent."""
    return Previews()


@pytest.fixture
def served(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Served]:
    house = make_house(tmp_path)
    if "previews" in request.fixturenames:
        house.deps = replace(house.deps, previews=request.getfixturevalue("previews"))
    tradein = FakeTradein(house.log)
    selections = FakeSelections()
    offers = offer_desk(house.log, house.clock, lambda: tuple(selections.kept.values()))
    house.deps = replace(house.deps, records=Records(tradein), tradein=tradein, selections=selections, offers=offers)
    yield from serve(house)


def test_an_agent_sees_the_offers_and_puts_down_what_he_hears(page: Page, served: Served) -> None:  # noqa: F811
    house = served.house

    def rings() -> None:
        house.desks.work["101"] = DeskNow(day.STAR, "sales", "available")
        house.log.post(day.STAR, CallStarted("inbound", "+8613812345678", day.LINE, "carrier"))
        house.log.post(day.STAR, QueueEntered("q-star", "sales"))
        house.log.post(day.STAR, OfferMade("o-star", "q-star", "sales", "101"))
        house.log.post("", AgentStateChanged("101", "ringing"))

    page.sign_in("wang")
    page.wait(lambda: page.text("#desk-state"))
    served.run(rings)
    page.wait(lambda: "可置换 新轩逸，补贴 9,000 元" in page.text("#desk-records"))
    records = page.text("#desk-records")
    assert "可置换 任选车型，补贴 3,000 元" in records and "上市 2027-03-15" in records
    page.wait(lambda: page.text("#desk-state") == "振铃")
    page.wait(lambda: not page.chrome.find_elements("css selector", "#desk-interest"))
    served.run(lambda: house.desks.wrap_up("101", day.STAR, house.clock.now()))
    page.find("#desk-interest")
    page.press("i")
    page.wait(lambda: page.chrome.execute_script("return document.activeElement?.name") == "interest-level")
    page.chrome.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    page.find("#interest-note").send_keys("想要白色", Keys.ENTER)
    page.wait(lambda: [(said.level, said.vehicle, said.note) for said in house.log.facts(InterestSaid)] == [
        ("warm", VIN, "想要白色")
    ])  # fmt: skip
    page.wait(
        lambda: "意向：半年内考虑" in page.text("#desk-records") and "下次跟进 2026-12-22" in page.text("#desk-records")
    )
    page.keep_picture("console-desk-tradein.png")
    assert page.fits() and page.complaints() == []


def test_the_offers_stand_on_the_card_of_a_preview_too(page: Page, previews: Previews) -> None:  # noqa: F811
    page.sign_in("wang")
    page.wait(lambda: "可置换 新轩逸，补贴 9,000 元" in page.text("#preview #desk-records"))
    page.keep_picture("console-preview-tradein.png")
    assert page.fits() and page.complaints() == []


def test_a_supervisor_sees_why_and_invites(page: Page, served: Served) -> None:  # noqa: F811
    tradein = served.house.deps.tradein
    assert isinstance(tradein, FakeTradein)
    page.sign_in("boss")
    page.show("tradein")
    page.wait(lambda: "已6.8年，同款车主中位置换6.2年" in page.text("#ranking"))
    assert "老轩逸换新：新轩逸，补贴 9,000 元" in page.text("#ranking") and "半年内考虑" in page.text("#ranking")
    page.find(".tradein canvas")
    page.keep_picture("console-tradein-ranking.png")
    page.wait(lambda: "车龄 4–100 年，0–150,000 公里" in page.text("#offers"))
    assert "还没有" in page.text(".tradein")
    page.find('[data-invite="老轩逸换新"]').click()
    page.wait(lambda: "邀请车主：老轩逸换新" in page.text(".el-dialog__title"))
    page.wait(lambda: "适用 500 位车主，其中有意向 250 位，可拨打 245 位" in page.text("#invite-count"))
    page.find('[data-level="cool"]').click()
    Select(page.find("#invite-campaign")).select_by_value("tradein")
    page.wait(lambda: page.find("#invite-make").is_enabled())
    page.keep_picture("console-tradein.png")
    page.find("#invite-make").click()
    page.wait(lambda: "已保存“邀请 老轩逸换新”，并选入任务 tradein" in page.text("#invite-done"))
    selections = served.house.deps.selections
    assert isinstance(selections, FakeSelections)
    offer, interest = selections.kept["邀请 老轩逸换新"].conditions
    assert (offer.names, offer.least, offer.most, interest.names) == (("老轩逸换新",), 0, 14, ("hot", "warm", "cool"))
    assert selections.fed["tradein"].living
    assert page.fits() and page.complaints() == []


def test_what_owners_said_is_listed(page: Page, served: Served) -> None:  # noqa: F811
    tradein = served.house.deps.tradein
    assert isinstance(tradein, FakeTradein)
    served.run(lambda: tradein.put_down(day.STAR, NUMBER, Said(Interest.HOT, VIN, "年底前", "101", "wang")))
    page.sign_in("boss")
    page.show("tradein")
    Select(page.find("#touch-campaign")).select_by_value("tradein")
    page.find("#touch-make").click()
    page.wait(lambda: "已保存“到期跟进”，并选入任务 tradein" in page.text("#touch-done"))
    page.wait(lambda: "三个月内想换" in page.text("#interests") and "2026-11-29" in page.text("#interests"))
    Select(page.find("#interests-level")).select_by_value("cool")
    page.wait(lambda: page.text("#interests-total") == "共 0 条")
    assert str(page.find('[data-file="xlsx"]').get_attribute("href")).endswith("interests.xlsx?level=cool")
    page.find("#language").send_keys(Keys.ENTER)
    page.wait(lambda: "What owners said" in page.text(".tradein"))
    assert page.fits() and page.complaints() == []


def fill(page: Page, field: str, value: str) -> None:  # noqa: F811
    """Days too: what a browser takes as their keys depends on its language."""
    put = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
    page.chrome.execute_script(put, page.find(f"#offer-{field}"), value)


def closed(page: Page) -> bool:  # noqa: F811
    """Whether no dialog covers the page any more."""
    covers = "[...document.querySelectorAll('.el-overlay')].filter(it => getComputedStyle(it).display !== 'none')"
    return bool(page.chrome.execute_script(f"return {covers}.length === 0"))


def test_a_supervisor_makes_changes_and_ends_an_offer(page: Page, served: Served) -> None:  # noqa: F811
    log = served.house.log
    page.sign_in("boss")
    page.show("tradein")
    page.wait(lambda: "配置文件" in page.text('[data-offer="老轩逸换新"]'))
    assert not page.chrome.find_elements("css selector", "[data-edit]"), "those of the file are changed there"
    page.find("#offer-new").click()
    fill(page, "name", "骐达换新")
    fill(page, "to", "新轩逸")
    fill(page, "since", "2026-11-20")
    fill(page, "until", "2026-11-01")
    page.wait(lambda: "不早于开始日" in page.text('[data-wrong="until"]'))
    fill(page, "subsidy_yuan", "八千")
    page.find('[data-take="models 轩逸"]').click()
    fill(page, "years_from", "4")
    fill(page, "launch", "2027-03-15")
    page.wait(lambda: "0 到 10000000 的整数" in page.text('[data-wrong="subsidy_yuan"]'))
    assert "不早于开始日" in page.text('[data-wrong="until"]'), "both are told at once"
    page.keep_picture("console-offer-form.png")
    page.find("#offer-save").click()
    page.wait(lambda: page.chrome.execute_script("return document.activeElement?.id") == "offer-subsidy_yuan")
    assert log.facts(TradeinOfferMade) == []
    fill(page, "until", "2027-03-14")
    fill(page, "subsidy_yuan", "8000")
    fill(page, "models", "轩译")
    page.wait(lambda: not page.text("[data-wrong]") and "之后，到那时方案已结束" in page.text('[data-doubt="launch"]'))
    page.wait(lambda: "是否指“轩逸”" in page.text('[data-doubt="models"]'))
    page.keep_picture("console-offer-doubts.png")
    fill(page, "until", "2027-04-30")
    fill(page, "models", "轩逸")
    page.wait(lambda: not page.text("[data-doubt]"))
    page.find("#offer-save").click()
    page.wait(lambda: "有效" in page.text('[data-offer="骐达换新"]') and closed(page))
    row = page.text('[data-offer="骐达换新"]')
    assert "轩逸，车龄 4–100 年" in row and "8,000" in row and "2027-03-15" in row
    page.wait(lambda: page.text('[data-fits="骐达换新"]') == "1")
    page.find('[data-part="offers"]').click()
    page.keep_picture("console-offers.png")
    page.find('[data-edit="骐达换新"]').click()
    page.find("#offer-name:disabled")
    fill(page, "subsidy_yuan", "9500")
    page.find("#offer-save").click()
    page.wait(lambda: "9,500" in page.text('[data-offer="骐达换新"]') and closed(page))
    page.find('[data-end="骐达换新"]').click()
    page.wait(lambda: "也不再邀请车主参加 2027-03-15 的上市" in page.text(".el-dialog .choices"))
    page.find("#offer-confirm").click()
    page.wait(lambda: "已结束" in page.text('[data-offer="骐达换新"]') and closed(page))
    page.find('[data-remove="骐达换新"]').click()
    page.wait(lambda: "只留在操作记录里" in page.text(".el-dialog .choices"))
    page.find("#offer-confirm").click()
    page.wait(lambda: not page.text('[data-offer="骐达换新"]') and closed(page))
    kinds = (TradeinOfferMade, TradeinOfferChanged, TradeinOfferEnded, TradeinOfferRemoved)
    assert [[(fact.offer, fact.by) for fact in log.facts(kind)] for kind in kinds] == [[("骐达换新", "boss")]] * 4
    assert str(page.find('[data-offers="xlsx"]').get_attribute("href")).endswith("/tradein/offers.xlsx")
    page.find('[data-fits="老轩逸换新"]').click()
    page.wait(
        lambda: (
            page.chrome.execute_script("return document.querySelector('#selections-names-0')?.value") == "老轩逸换新"
        )
    )
    page.find("#selections-count")
    assert page.fits() and page.complaints() == []
