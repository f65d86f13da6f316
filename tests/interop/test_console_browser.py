"""The operators' pages in a real browser: Chromium, headless, driven by Selenium, against the scripted house.

With ``LINE400_PICTURES=docs/images`` the run keeps the pictures of the live board and of a call there.
"""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from acd.facts import QueueLeft
from archive.pack import PackOrder, pack
from campaigns.facts import AttemptStarted, CampaignStateChanged
from console.app import create_app
from console.result_views import CampaignResult
from console.views import CampaignView
from desk.facts import TaskOpened
from desk.tasks import Task
from reports.ratings import Rated
from telephony.facts import LegScored, RecordingFaulty
from telephony.security_facts import LockLifted
from telephony.sip.hop import Hop
from tests.unit.console import day
from tests.unit.console.day import Wait
from tests.unit.console.fakes import PASSWORD, FakeConfig, House, Scene, make_house

pytestmark = pytest.mark.interop

WIDTH, HEIGHT = 1366, 768
PATIENCE_S = 20
HEAR = """
window.heard = [];
const Plain = WebSocket;
window.WebSocket = class extends Plain {
  constructor(url) {
    super(url);
    this.addEventListener("message", ({ data }) => {
      const { kind, seq } = JSON.parse(data);
      if (kind === "event") heard.push(seq);
    });
  }
};
"""
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)


@dataclass
class Served:
    """The scripted house behind a real server."""

    house: House
    address: str
    run: Callable[[Callable[[], None]], None]
    cut: Callable[[], None]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    yield from serve(make_house(tmp_path))


def serve(house: House) -> Iterator[Served]:
    app = create_app(house.deps)
    Scene(house).usual()
    config = uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + PATIENCE_S
    while not server.started and time.monotonic() < give_up:
        time.sleep(0.02)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]

    def run(work: Callable[[], None]) -> None:
        """Do ``work`` on the server's own loop, as the drivers of the house would."""
        done = threading.Event()

        def there() -> None:
            work()
            done.set()

        server.servers[0].get_loop().call_soon_threadsafe(there)
        assert done.wait(PATIENCE_S)

    def cut() -> None:
        """Break every connection off, as a network does."""
        for connection in list(server.server_state.connections):
            connection.transport.abort()

    yield Served(house, f"http://127.0.0.1:{port}/", run, cut)
    server.should_exit = True
    thread.join(PATIENCE_S)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield chrome
    finally:
        chrome.quit()


class Page:
    """The page as its reader sees it."""

    def __init__(self, chrome: webdriver.Chrome, address: str) -> None:
        self.chrome = chrome
        self.address = address

    def wait(self, what: Callable[[], object]) -> None:
        """Until ``what`` is true."""
        WebDriverWait(self.chrome, PATIENCE_S, poll_frequency=0.05).until(lambda _: what())

    def find(self, selector: str) -> WebElement:
        """The element, once it is there."""
        self.wait(lambda: self.chrome.find_elements(By.CSS_SELECTOR, selector))
        return self.chrome.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """What it says now; "" where it is not there."""
        say = "return document.querySelector(arguments[0])?.textContent.trim() ?? ''"
        return str(self.chrome.execute_script(say, selector))

    def number(self, selector: str) -> int:
        """The number it says, once it is there. WebElement.text is "" for what is just being laid out anew."""
        self.wait(lambda: self.text(selector).isdecimal())
        return int(self.text(selector))

    def press(self, *keys: str) -> None:
        """Keys to the page, not to a field."""
        self.chrome.find_element(By.CSS_SELECTOR, "body").send_keys(*keys)

    def sign_in(self, name: str = "boss") -> None:
        """Through the form."""
        self.chrome.get(self.address)
        self.find("#sign-in-name").send_keys(name)
        self.find("#sign-in-password").send_keys(PASSWORD, Keys.ENTER)
        self.find("#answer-rate, #desk-state")  # an agent begins at his own desk

    def sign_out(self) -> None:
        """By the button."""
        self.find("#sign-out").click()
        self.find("#sign-in-name")

    def show(self, view: str) -> None:
        """Go to a view by its address."""
        self.chrome.execute_script("location.hash = arguments[0]", f"#/{view}")

    def fits(self) -> bool:
        """Whether nothing sticks out to the right."""
        parts = "[document.documentElement, document.querySelector('main')]"
        return bool(self.chrome.execute_script(f"return {parts}.every(e => e.scrollWidth <= e.clientWidth)"))

    def connection(self) -> str:
        """What the page says of its live connection: up or down."""
        return (self.find(".connection").get_attribute("class") or "").split()[-1]

    def complaints(self) -> list[str]:
        """What the browser complains of: scripts, the content policy, files. The first question whether someone is
        signed in is answered by 401, which it reports too.
        """
        return [
            str(entry["message"])
            for entry in self.chrome.get_log("browser")
            if "/api/v1/session" not in str(entry["message"])
        ]

    def keep_picture(self, name: str) -> None:
        """Where pictures are asked for."""
        folder = os.environ.get("LINE400_PICTURES")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.chrome.save_screenshot(str(Path(folder) / name))


@pytest.fixture
def page(browser: webdriver.Chrome, served: Served) -> Page:
    return Page(browser, served.address)


def test_sign_in_wrong_then_right(page: Page) -> None:
    page.chrome.get(page.address)
    page.find("#sign-in-name").send_keys("boss")
    page.find("#sign-in-password").send_keys("wrong", Keys.ENTER)
    page.wait(lambda: "账号或密码不对" in page.text(".fault"))
    page.find("#sign-in-password").send_keys(PASSWORD, Keys.ENTER)
    page.find("#answer-rate")
    page.find("#sign-out").click()
    page.find("#sign-in-name")
    assert page.complaints() == []


def test_live_numbers_change_through_the_web_socket(page: Page, served: Served) -> None:
    page.sign_in()
    page.wait(lambda: page.text('[data-queue="sales"]') == "0")
    page.wait(lambda: page.text("#answer-rate").endswith("%"))
    page.wait(lambda: page.chrome.execute_script("return document.querySelector('.day canvas') !== null"))
    assert page.text('[data-agent="108"] .state') == "话机未注册或无响应"
    names = page.chrome.find_elements(By.CSS_SELECTOR, ".agent strong, .grid td.name")
    assert len(names) > 8 and all(name.size["height"] < 40 for name in names)  # on one line
    page.wait(lambda: page.text('[data-closed="sales"]').startswith("非服务时间"))
    assert page.fits()
    page.keep_picture("console-live.png")
    offered, calls = int(page.text("#today-offered")), int(page.text("#calls-now"))

    scene = Scene(served.house)
    scene._count = 100
    caller: list[str] = []
    served.run(lambda: caller.extend(scene.caller("sales", ago=0)))
    page.wait(lambda: page.text('[data-queue="sales"]') == "1")
    page.wait(lambda: page.text("#calls-now") == str(calls + 1))
    page.wait(lambda: page.text("#today-offered") == str(offered + 1))  # as the report counts it

    served.run(lambda: scene.post(caller[0], LegScored("l-1", "caller", "", "poor", 3.3)))
    page.wait(lambda: page.text(".tag.mos-poor") == "语音较差")
    served.run(lambda: scene.post(caller[0], LegScored("l-1", "caller", "", "good", 4.3)))
    page.wait(lambda: not page.chrome.find_elements(By.CSS_SELECTOR, ".tag.mos-poor"))

    before = page.text("#today-abandoned")
    served.run(lambda: scene.hang_up(caller[0], caller[1], "sales", 5.0))
    page.wait(lambda: page.text('[data-queue="sales"]') == "0")
    page.wait(lambda: page.text("#today-abandoned") == str(int(before) + 1))
    assert page.complaints() == []


def test_a_supervisor_pauses_an_agent(page: Page) -> None:
    page.sign_in()
    page.find('[data-agent="106"]').click()
    page.find(".choice:nth-of-type(2)").click()
    page.wait(lambda: page.text('[data-agent="106"] .state') == "小休")
    assert page.complaints() == []


def test_the_page_connects_again_and_misses_nothing(page: Page, served: Served) -> None:
    page.sign_in()
    page.wait(lambda: page.connection() == "up")
    page.wait(lambda: page.text('[data-queue="service"]') == "2")
    page.chrome.execute_script(HEAR)  # each connection from now on
    page.chrome.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.chrome.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    served.run(served.cut)
    page.wait(lambda: page.connection() == "down")

    log, scene = served.house.log, Scene(served.house)
    scene._count = 100
    known = len(log.events)
    callers: list[tuple[str, str]] = []
    served.run(lambda: log.post("c-live-0004", QueueLeft("q-live-0004", "service", "abandoned", 50.0)))
    served.run(lambda: log.post("c-live-0005", QueueLeft("q-live-0005", "service", "abandoned", 26.0)))
    for _ in range(2):
        served.run(lambda: callers.append(scene.caller("sales", ago=0)))
    missed = [event.seq for event in log.events[known:]]
    assert len(missed) > 10
    assert page.connection() == "down" and page.text('[data-queue="service"]') == "2"  # it knows of nothing

    page.chrome.execute_cdp_cmd("Network.emulateNetworkConditions", {**offline, "offline": False})
    page.wait(lambda: page.connection() == "up")
    page.wait(lambda: (page.text('[data-queue="service"]'), page.text('[data-queue="sales"]')) == ("0", "2"))
    page.wait(lambda: len(page.chrome.execute_script("return heard")) >= len(missed))
    assert page.chrome.execute_script("return heard") == missed  # each of them, once, in order


def test_a_click_on_a_word_plays_from_it(page: Page) -> None:
    page.sign_in()
    page.press("2")  # the list of calls
    page.find("#filter-number").send_keys("12345678")
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, ".grid tbody tr")) == 2)  # who called twice
    assert page.text(".grid tbody tr .tag.mos-fair") == "3.92"  # the worst of its four directions
    page.find(".grid tbody tr a").click()
    page.wait(lambda: f"/call/{day.STAR}" in page.chrome.current_url)
    page.wait(lambda: page.text(".clock").endswith("/ 0:47"))  # the recording is there
    words = page.chrome.find_elements(By.CSS_SELECTOR, "[data-word]")
    word = next(each for each in words if each.text.startswith("凯美瑞"))
    start_s = float(word.get_attribute("data-start") or "nan")
    assert start_s > 5
    word.click()
    page.wait(lambda: float(page.find("#position").get_attribute("data-seconds") or 0) >= start_s)
    assert float(page.find("#position").get_attribute("data-seconds") or 0) < start_s + 3
    page.wait(lambda: "now" in (page.find(".segments .now").get_attribute("class") or ""))
    page.wait(lambda: page.find("#play").get_attribute("aria-label") == "暂停")  # it plays
    first = page.text(".segments .now")
    page.wait(lambda: page.text(".segments .now") not in ("", first))  # the mark follows what is said

    page.press(" ")
    page.wait(lambda: page.find("#play").get_attribute("aria-label") == "播放")
    held = float(page.find("#position").get_attribute("data-seconds") or 0)
    page.press(Keys.ARROW_LEFT)
    page.wait(lambda: abs(float(page.find("#position").get_attribute("data-seconds") or 0) - (held - 5)) < 0.2)

    word.send_keys(Keys.ENTER)  # by keyboard too
    page.wait(lambda: float(page.find("#position").get_attribute("data-seconds") or 0) >= start_s)
    page.press(" ")
    page.wait(lambda: page.find("#play").get_attribute("aria-label") == "播放")
    assert page.fits()
    quality = [row.text.split() for row in page.chrome.find_elements(By.CSS_SELECTOR, ".quality tbody tr")]
    assert quality[1] == ["客户", "听到", "0.1%", "1.2", "ms", "8.4", "ms", "4.37", "PCMA"]
    assert quality[2] == ["坐席", "王丽", "101", "发来", "4.3%", "12", "ms", "3.92", "PCMA"]
    assert quality[3] == ["坐席", "王丽", "101", "听到", "对方未报告", "—", "—", "PCMA"]
    page.keep_picture("console-call.png")
    assert page.complaints() == []


def test_a_compressed_recording_with_a_gap_its_legal_hold_and_a_pause(page: Page, served: Served) -> None:
    source = served.house.deps.recordings / f"{day.STAR}.wav"
    pack(PackOrder(str(source), "flac"))
    source.unlink()
    served.house.recorder.running[day.STAR] = "recording"
    page.sign_in()
    page.chrome.get(f"{served.address}#/call/{day.STAR}")
    page.wait(lambda: page.text(".clock").endswith("/ 0:47"))
    gap = page.find(".marked .gap.paused")
    wave = page.find("#waveform")
    share = gap.size["width"] / wave.size["width"]
    assert 0.02 < share < 0.05 and "按要求暂停" in str(gap.get_attribute("title"))  # 1.5 s of 47
    assert page.text(".kept").startswith("FLAC") and "SHA-256" in page.text(".kept")
    page.find("#play").click()
    page.wait(lambda: float(page.find("#position").get_attribute("data-seconds") or 0) > 1.0)
    page.find("#play").click()

    page.find("#hold").click()
    page.find("#hold-why").send_keys("投诉 17")
    page.find("#hold-confirm").click()
    name = f"r-{day.STAR}"
    page.wait(lambda: ("hold", name, "boss", "投诉 17") in served.house.recorder.asked)
    page.find("#pause-recording").click()
    page.wait(lambda: page.text(".tag.recording") == "录音已暂停")
    assert ("paused", day.STAR, "boss") in served.house.recorder.asked

    served.run(lambda: served.house.log.post(day.STAR, RecordingFaulty(name, "No space left on device")))
    page.wait(lambda: page.text("#alarm").startswith("录音故障：No space left on device"))
    assert page.fits()
    assert page.complaints() == []


def test_the_columns_of_the_report_add_up_and_nothing_lies_upon_another(page: Page, served: Served) -> None:
    wish = Wait("q-wish", day.STAR, "sales", day.NOW - 300, "called_back", 21.0)
    served.run(lambda: served.house.store.waits.append(wish))
    page.sign_in()
    page.press("3")
    page.wait(lambda: page.text("#told tbody"))
    heads = [cell.text for cell in page.chrome.find_elements(By.CSS_SELECTOR, "table.report thead th")]
    counts = [int(page.text(f"tr.sum.all td:nth-child({place})")) for place in range(3, 10)]
    assert heads[6] == "转回呼" and counts[4] == 1
    assert counts[0] == sum(counts[1:])
    assert page.text("tr.sum.all td:nth-child(15)").endswith("秒"), "as the live board writes it"
    edges = """const box = (element) => element.getBoundingClientRect();
        const [card, next] = [...document.querySelectorAll(".pages > .card")].map(box);
        const [table, told] = [".report-main", ".told"].map((part) => box(document.querySelector(part)));
        return [table.bottom, told.top, told.bottom, card.bottom, next.top]"""
    edge = page.chrome.execute_script(edges)
    assert edge == sorted(edge), edge
    assert page.fits()
    page.keep_picture("console-report-day.png")
    page.chrome.execute_script("document.querySelector('#told').scrollIntoView({ block: 'center' })")
    page.keep_picture("console-report-told.png")
    page.find("tr.sum.all td:nth-child(7) .figure").click()
    page.wait(lambda: "转回呼" in page.text(".notice"))
    assert page.complaints() == []


def test_a_figure_of_the_report_opens_its_calls(page: Page) -> None:
    page.sign_in()
    page.press("3")
    offered = page.number("tr.sum.all .figure")
    page.wait(lambda: "购车咨询" in page.text("#told tbody"))
    assert [link.text for link in page.chrome.find_elements(By.CSS_SELECTOR, "#told tr:last-child a")] == ["1", "2"]
    abandoned = "tr.sum.all td:nth-child(5) .figure"
    lost = page.number(abandoned)
    assert 0 < lost < offered
    page.find(abandoned).click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, ".grid tbody tr")) == lost)
    assert "放弃" in page.text(".notice")
    page.chrome.back()
    page.wait(lambda: page.text("tr.sum.all .figure") == str(offered))
    assert page.complaints() == []


def test_the_hours_of_the_week_by_dialled_number_beside_the_period_before(page: Page) -> None:
    page.sign_in()
    page.press("3")
    offered = page.number("tr.sum.all .figure")
    page.find("input[value='week_hour']").find_element(By.XPATH, "..").click()
    page.wait(lambda: page.text("table.report tbody tr:not(.sum) td").startswith("周四"))
    page.find("input[value='line']").find_element(By.XPATH, "..").click()
    page.wait(lambda: page.text("tr.sum:not(.all) td:nth-child(2)") == "400 800 1234")
    page.find("#compare").find_element(By.XPATH, "ancestor::label").click()
    page.wait(lambda: page.text("tr.before td") == "上期")
    assert page.find(".charts canvas").size["height"] > 100
    assert page.fits()
    page.keep_picture("console-report.png")
    figure = "table.report tbody tr:not(.sum):not(.before) .figure"
    assert 0 < page.number(figure) < offered
    page.find(figure).click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, ".grid tbody tr")) > 0)
    page.find(".notice")
    assert page.complaints() == []


def test_agents_states_over_the_day_and_callers_who_gave_up(page: Page) -> None:
    page.sign_in()
    page.show("reports/agents")
    page.find(".day-bar .span.talking")
    assert len(page.chrome.find_elements(By.CSS_SELECTOR, ".report tbody tr")) == len(day.DIRECTORY.agents)
    page.wait(page.fits)
    page.keep_picture("console-agents.png")
    page.find(".filters .el-radio-button:nth-child(3)").click()  # by hour: everybody's total, and his rows
    page.find(".report tr:not(.sum) td.mono:first-child")
    assert len(page.chrome.find_elements(By.CSS_SELECTOR, ".report tbody tr.sum")) == len(day.DIRECTORY.agents)
    assert page.fits() and page.complaints() == []
    page.find(".tabs a:nth-child(3)").click()
    everybody = page.number("#follow-abandoned")
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, ".grid tbody tr")) == everybody)
    called_back = page.number("#follow-called_back")
    page.find("#follow-called_back").click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, ".grid tbody tr")) == called_back < everybody)
    assert page.fits()
    page.keep_picture("console-abandoned.png")
    page.find(".tabs a:nth-child(4)").click()
    page.wait(lambda: page.text("#closed-came") == "4")
    rows = "#closed-calls tbody tr"
    assert len(page.chrome.find_elements(By.CSS_SELECTOR, rows)) == 4
    page.find("#closed-hours tbody tr:nth-child(2) .figure").click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, rows)) == 2)
    assert page.fits()
    page.keep_picture("console-closed.png")
    page.find("#closed-all").click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, rows)) == 4)
    page.find(".tabs a:nth-child(5)").click()
    page.wait(lambda: page.text("#inbound-lines tbody tr:nth-child(3) td:nth-child(2)") == "2")  # left in the menu
    assert page.fits()
    page.keep_picture("console-inbound.png")
    page.find("#inbound-lines tbody tr:nth-child(3) .figure").click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, "#inbound-calls tbody tr")) == 2)
    page.find("#inbound-all").click()
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, "#inbound-calls tbody tr")) > 50)
    assert page.complaints() == []


def test_the_trace_is_switched_on_and_the_ladder_of_a_call_looked_at(page: Page, served: Served) -> None:
    page.sign_in("admin")
    page.show("system")
    page.find(".trace input").send_keys("13800138000")
    page.find(".trace button").click()
    page.wait(lambda: "跟踪中，0 条报文" in page.text(".trace"))
    assert served.house.tracer.numbers == ("13800138000",)
    head = "Via: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1\r\nFrom: <sip:13800138000@b>;tag=1\r\nTo: <sip:4001@a>\r\n"
    rest = "Call-ID: {0}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    carrier, phone = Hop("UDP", "203.0.113.5", 5060), Hop("UDP", "192.0.2.7", 5062)

    def talk() -> None:
        served.house.tracer.tie(day.STAR, "in")
        for start, hop, received in (
            ("INVITE sip:4001@192.0.2.1 SIP/2.0", carrier, True),
            ("SIP/2.0 200 OK", carrier, False),
            ("INVITE sip:101@192.0.2.7 SIP/2.0", phone, False),
            ("SIP/2.0 486 Busy Here", phone, True),
        ):
            call_id = "in" if hop is carrier else "out"
            served.house.tracer.tie(day.STAR, call_id)
            served.house.tracer.note(f"{start}\r\n{head}{rest.format(call_id)}".encode(), hop, received=received)

    served.run(talk)
    page.wait(lambda: "跟踪中，4 条报文" in page.text(".trace"))
    page.show(f"call/{day.STAR}")
    page.wait(lambda: len(page.chrome.find_elements(By.CSS_SELECTOR, ".ladder .rung")) == 4)
    assert [lane.text for lane in page.chrome.find_elements(By.CSS_SELECTOR, ".ladder .lane")] == [
        "203.0.113.5:5060",
        "本系统",
        "192.0.2.7:5062",
    ]
    assert "486 Busy Here (INVITE)" in page.text(".ladder")
    page.chrome.find_elements(By.CSS_SELECTOR, ".ladder .rung")[3].send_keys(Keys.ENTER)
    page.wait(lambda: page.text(".ladder .message").startswith("SIP/2.0 486 Busy Here"))
    assert page.fits()
    page.keep_picture("console-ladder.png")
    page.show("system")
    page.find(".trace button").click()
    page.wait(lambda: "已关闭，保留 4 条报文" in page.text(".trace"))
    assert not served.house.tracer.on
    assert page.complaints() == []


def test_a_low_score_is_a_task_until_somebody_has_looked_after_it(page: Page, served: Served) -> None:
    house = served.house
    task = Task("t-1", "low_rating", day.STAR, "+8613800138000", "sales", "101", "1/5", day.NOW - 60, None, "", "")
    task = replace(task, survey="return_visit")
    house.desk.rated = [
        Rated("sales", "101", 1, 5, 1),
        Rated("sales", "102", 5, 5, 8),
        Rated("sales", "102", None, None, 3),
    ]
    page.sign_in()
    page.show("tasks")
    assert "没有未办事项" in page.find(".tasks .empty").text

    def opened() -> None:
        house.desk.kept.append(task)
        house.log.post(day.STAR, TaskOpened(task.id, task.kind, task.queue, task.agent, task.detail))

    served.run(opened)
    page.wait(lambda: "低分评价，请回访 服务回访" in page.text("#tasks"))  # by itself
    assert page.fits()
    page.keep_picture("console-tasks.png")
    assert "无人负责" in page.text("#tasks")
    page.find("[data-take='t-1']").click()
    page.wait(lambda: house.desk.kept[0].owner == "boss")
    page.find(".tasks input[value=mine]").find_element(By.XPATH, "..").click()
    page.wait(lambda: "boss" in page.text("#tasks"))
    page.find("[data-close='t-1']").click()
    assert page.find("#task-confirm").get_attribute("disabled")
    page.find("#task-note").send_keys("已致电道歉")
    page.find("#task-confirm").click()
    page.wait(lambda: house.desk.kept[0].closed_by == "boss")
    page.wait(lambda: page.text(".tasks .empty"))
    page.find(".tasks input[value=closed]").find_element(By.XPATH, "..").click()
    page.wait(lambda: "已致电道歉" in page.text("#tasks"))
    page.show("reports")
    page.wait(lambda: "88.9%" in page.text("#ratings"))
    assert page.fits()
    page.sign_out()
    page.sign_in("wang")
    page.show("tasks")
    assert "没有未办事项" in page.find(".tasks .empty").text, "what is about his own talks he does not see"
    assert page.complaints() == []


def test_a_supervisor_sees_messages_counted_and_lifts_a_lock_out(page: Page, served: Served) -> None:
    house = served.house

    def happen() -> None:
        for _ in range(20):
            house.defence.proved_wrong("<i>101", "198.51.100.66", house.clock.now())
        rest = "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 1 {0}\r\nContent-Length: 0\r\n\r\n"
        for start, method, received, count in (
            ("REGISTER sip:a SIP/2.0", "REGISTER", True, 12),
            ("SIP/2.0 401 Unauthorized", "REGISTER", False, 7),
            ("SIP/2.0 403 Forbidden", "REGISTER", False, 2),
            ("INVITE sip:b SIP/2.0", "INVITE", False, 4),
            ("SIP/2.0 503 Service Unavailable", "INVITE", True, 1),
        ):
            for _ in range(count):
                house.tracer.counters.note(f"{start}\r\n{rest.format(method)}".encode(), received=received)

    served.run(happen)
    page.sign_in()
    page.show("system")
    page.find("#sip-counts tbody tr")

    def row(method: str) -> list[str]:
        rows = page.chrome.find_elements(By.CSS_SELECTOR, "#sip-counts tbody tr")
        return next([cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in rows if method in row.text)

    assert row("REGISTER") == ["REGISTER", "12", "", "", "", "9", "", "", "", "", "", "", "", "", ""]
    assert row("INVITE") == ["INVITE", "", "", "", "", "", "", "", "4", "", "", "", "", "1", ""]
    assert page.find("#sip-counts td[title='401: 7  403: 2']").text == "9", "the codes behind the figure"
    assert "自 " in page.text(".sip h2") and "重发" in page.text("#sip-mishaps")
    page.wait(lambda: "<i>101" in page.text("#lockouts tbody"))
    rules = page.text("#queue-rules tbody")
    assert "非服务时间" in rules and "购车咨询" in rules and "溢出转： queue:service → voicemail:sales" in rules
    assert page.fits()
    page.chrome.execute_script("document.querySelector('.lockouts').scrollIntoView()")
    page.keep_picture("console-lockouts.png")
    page.find("#lockouts tbody button").click()
    page.wait(lambda: page.find("#lift-confirm").is_displayed())
    page.keep_picture("console-lockouts-lift.png")
    assert house.defence.lockouts(house.clock.now()), "nothing is done before it is confirmed"
    page.find("#lift-confirm").click()
    page.find("#no-lockouts")
    (lifted,) = house.log.facts(LockLifted)
    assert isinstance(lifted, LockLifted) and (lifted.source, lifted.by) == ("198.51.100.66", "boss")
    assert not page.chrome.find_elements(By.CSS_SELECTOR, "#reload"), "that is the admins'"
    assert page.complaints() == []


def test_an_admin_looks_at_what_has_changed_and_reloads(page: Page, served: Served) -> None:
    config = cast("FakeConfig", served.house.deps.config)
    page.sign_in("admin")
    page.show("system")
    config.faults = ["line400.toml:7: http.prot: unknown key; did you mean 'port'?"]
    page.find("#reload").click()
    page.wait(lambda: "unknown key" in page.text("#reload-found"))
    assert not page.chrome.find_elements(By.CSS_SELECTOR, "#reload-confirm")
    page.press(Keys.ESCAPE)
    config.faults = []
    page.wait(lambda: not page.find("#reload-found").is_displayed())
    page.find("#reload").click()
    page.wait(lambda: "agent 8002: new" in page.text("#reload-found"))
    assert "http.port" in page.text("#reload-found") and "重启后才生效" in page.text("#reload-found")
    assert config.asked == []
    page.wait(lambda: page.find("#reload-confirm").is_displayed())
    page.keep_picture("console-reload.png")
    page.find("#reload-confirm").click()
    page.wait(lambda: "已生效" in page.text("#reload-found"))
    assert config.asked == ["admin"]
    page.keep_picture("console-reload-done.png")
    refused = [text for text in page.complaints() if "/config/changes" not in text]
    assert refused == [], "but for the 422, which browsers report too"


def test_staffing_shows_calls_agents_needed_and_who_was_there(page: Page) -> None:
    page.sign_in()
    page.find("nav a[href='#/staffing']").click()
    page.wait(lambda: "80%" in page.text("#staffing-assumed"))
    page.find("#staffing tbody tr")
    rows = page.chrome.find_elements(By.CSS_SELECTOR, "#staffing tbody tr")
    assert [row.text.split()[0] for row in rows][:2] == ["08:00", "08:30"]
    assert "需要坐席" in page.text("#staffing thead")
    page.wait(lambda: page.find(".chart canvas").is_displayed())
    assert page.fits()
    page.keep_picture("console-staffing.png")
    assert page.complaints() == []


def test_the_report_of_a_campaign_says_what_it_brought(page: Page) -> None:
    page.sign_in()
    page.show("campaigns/return-visit-nov")
    page.wait(lambda: "质量满意吗？ 5 分（1–5 分）" in page.text(".answer[data-question=quality]"))
    page.keep_picture("console-campaign-results.png")
    page.find(".campaign-parts input[value=report]").find_element(By.XPATH, "..").click()
    page.wait(lambda: page.text("#campaign-stage-visited").startswith("进店832.0%"))
    Select(page.find("#campaign-days")).select_by_value("7")
    page.wait(lambda: page.text("#campaign-stage-visited").startswith("进店312.0%"))
    assert "+12.0%" in page.text("#campaign-effect")
    page.chrome.execute_script("document.querySelector('#campaign-stages').scrollIntoView({block: 'center'})")
    page.keep_picture("console-campaign-stages.png")
    assert page.text("#campaign-codes tr:first-child").endswith("675.0%")
    page.chrome.execute_script("document.querySelector('#campaign-week').scrollIntoView()")
    page.wait(lambda: page.find("#campaign-week canvas").is_displayed())
    assert page.fits()
    page.keep_picture("console-campaign-report.png")
    page.chrome.execute_script("document.querySelector('#campaign-week').scrollIntoView()")
    page.keep_picture("console-campaign-week.png")
    assert not page.chrome.find_elements(By.CSS_SELECTOR, "#campaign-round"), "nobody was called anew"
    page.show("campaigns/tradein-2019")
    page.find(".campaign-parts input[value=report]").find_element(By.XPATH, "..").click()
    page.wait(lambda: page.text("#campaign-figure-tried") == "44")
    Select(page.find("#campaign-round")).select_by_value("2")
    page.wait(lambda: page.text("#campaign-figure-tried") == "7")
    page.wait(lambda: page.chrome.find_elements(By.CSS_SELECTOR, ".downloads a[href$='report.csv?days=30&round=2']"))
    page.wait(lambda: not page.chrome.find_elements(By.CSS_SELECTOR, "#campaign-effect"))
    assert page.fits()
    page.keep_picture("console-campaign-round.png")
    page.find("#campaign-figure-tried a").click()
    page.wait(lambda: "第 2 轮" in page.text("#campaign-find-round") and page.text("#campaign-found") == "共 6 人")
    page.chrome.back()
    page.wait(lambda: page.text("#campaign-figure-tried") == "7")
    page.chrome.refresh()
    page.wait(lambda: page.text("#campaign-figure-tried") == "7")
    page.find(".campaign-parts input[value=results]").find_element(By.XPATH, "..").click()
    page.wait(lambda: page.text("#campaign-found") and not page.text("#campaign-find-round"))
    page.show("campaigns/return-visit-nov?result=refused")
    page.wait(lambda: page.text("#campaign-found") == "共 1 人")
    page.keep_picture("console-campaign-found.png")
    page.find(".campaign-parts input[value=report]").find_element(By.XPATH, "..").click()
    page.find("#campaign-results tbody td:nth-child(2) a")
    page.find("#campaign-figure-attempts a").click()
    page.wait(lambda: "呼叫次数" in page.text("#calls-campaign"))
    assert page.fits()
    page.chrome.back()
    page.find("#campaign-figure-attempts a")
    page.show("campaigns/return-visit-nov")
    page.find(".campaign-parts input[value=report]").find_element(By.XPATH, "..").click()
    page.find("#campaign-stage-visited a").click()
    page.wait(lambda: page.text("#campaign-find-stage") == "接通后 30 天内进店")
    page.keep_picture("console-campaign-stage.png")
    page.find(".campaign-parts input[value=report]").find_element(By.XPATH, "..").click()
    _click_hour(page, day=3, hour=9)
    page.wait(lambda: "周四 09:00" in page.text("#calls-campaign"))
    page.show("campaigns/return-visit-nov")
    page.find(".campaign.here .tags .result-refused").click()
    page.wait(lambda: page.text("#campaign-found") == "共 1 人")
    assert page.complaints() == []


def _click_hour(page: Page, day: int, hour: int) -> None:
    """On the map of the week until it opens, for it is drawn in its own time; its margins are those of ``heat.js``."""
    drawn = page.find("#campaign-week .chart")
    page.wait(lambda: page.chrome.find_elements(By.CSS_SELECTOR, "#campaign-week canvas"))

    def opened() -> bool:
        if "#/calls" in str(page.chrome.execute_script("return location.hash")):
            return True
        page.chrome.execute_script("arguments[0].scrollIntoView()", drawn)
        width, height = drawn.size["width"], drawn.size["height"]
        right, down = 48 + (width - 132) * (hour + 0.5) / 24, 8 + (height - 32) * (day + 0.5) / 7
        there = ActionChains(page.chrome).move_to_element_with_offset(
            drawn, round(right - width / 2), round(down - height / 2)
        )
        there.click().perform()
        return False

    page.wait(opened)


def test_rows_that_are_shown_stay_when_somebody_is_called(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server gives 500 at once; who reads the 600th loses his place no more."""
    first, asked, counted = day.campaign_results()[5], list[int](), list[str]()
    count = served.house.store.campaign

    async def results(campaign: str, which: object, *, limit: int, offset: int) -> list[CampaignResult]:
        asked.append(offset)
        return [replace(first, contact=at + 1) for at in range(offset, min(offset + limit, 650))]

    async def campaign(name: str) -> CampaignView | None:
        counted.append(name)
        return await count(name)

    async def found(campaign: str, which: object) -> int:
        return 650

    monkeypatch.setattr(served.house.store, "results", results)
    monkeypatch.setattr(served.house.store, "found", found)
    monkeypatch.setattr(served.house.store, "campaign", campaign)
    page.sign_in()
    page.show("campaigns/return-visit-nov")
    for shown in range(100, 700, 100):
        told = f"共 650 人，已列出 {shown} 人"
        page.wait(partial(lambda told: page.text("#campaign-found") == told, told))
        if shown < 600:
            page.find(".more button").click()
    asked.clear()
    served.run(lambda: served.house.log.post("", CampaignStateChanged("tradein-2019", "running")))
    page.wait(lambda: "tradein-2019" in counted)
    assert asked == [], "rows of a campaign are not asked for because of another"

    def burst() -> None:
        for at in range(50):
            served.house.log.post("c-x", AttemptStarted(f"a-{at}", "return-visit-nov", 1))

    served.run(burst)
    page.wait(lambda: asked[:2] == [0, 500])
    page.find(".more button").click()
    page.wait(lambda: page.text("#campaign-found") == "共 650 人")
    assert len(asked) < 10, "gathered: 50 events, and more by hand"
    assert page.complaints() == []


def test_english_and_back_and_every_view_fits(page: Page) -> None:
    page.sign_in()
    page.find("#language").click()
    page.wait(lambda: page.text("nav a.here") == "Live")
    page.chrome.refresh()
    page.wait(lambda: page.text("nav a.here") == "Live")  # it is remembered
    waited_for = {
        "live": "#answer-rate",
        "calls": ".grid tbody tr",
        f"call/{day.STAR}": "[data-word]",
        "reports": "tr.sum",
        "staffing": "#staffing tbody tr",
        "campaigns/return-visit-nov": ".grid tbody tr",
        "system": ".parts tr",
    }
    for language, html in (("Live", "en"), ("实时", "zh-CN")):
        for view, selector in waited_for.items():
            page.show(view)
            page.find(selector)
            assert page.fits(), (language, view)
            if view == "system":
                known = "已注册；28 路通话" if html == "zh-CN" else "Registered; 28 calls"
                assert known in page.text(".parts")
                page.find("#phones tbody tr")
                silent = "无响应" if html == "zh-CN" else "Silent"
                assert silent in page.text("#phones") and "Yealink SIP-T46S" in page.text("#phones")
                page.keep_picture(f"console-system-{html}.png")
        assert page.text("nav a:first-child") == language
        assert page.find("html").get_attribute("lang") == html
        page.find("#language").click()
    assert page.complaints() == []
