"""The board on the wall in a real browser at 1920 × 1080 and at 4K, opened by a key."""

from acd.alarm_facts import AlarmCleared, AlarmRaised
from tests.interop.test_console_browser import Page, Served, browser, page, pytestmark, served  # noqa: F401
from tests.unit.console import day
from tests.unit.console.fakes import Scene

SHOWN = "return [...document.querySelectorAll('[data-wall]')].map((one) => one.dataset.wall)"
OUTSIDE = """
const { clientWidth, clientHeight } = document.documentElement;
return [...document.querySelectorAll(".wall b, .wall-label, .wall h2, .wall-card")].filter((one) => {
  const { right, bottom } = one.getBoundingClientRect();
  const cut = one.matches("b, .wall-card") && one.scrollWidth > one.clientWidth + 2
    || one.matches("h2, .wall-card") && one.scrollHeight > one.clientHeight + 2;
  return cut || right > clientWidth + 1 || bottom > clientHeight + 1;
}).map((one) => one.outerHTML.slice(0, 80));
"""


def resize(page: Page, width: int, height: int) -> None:  # noqa: F811
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    page.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def sign_out(page: Page) -> None:  # noqa: F811
    """As another browser, where nobody has ever signed in."""
    page.chrome.get("about:blank")
    page.chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})


def test_a_screen_where_nobody_signs_in(page: Page, served: Served) -> None:  # noqa: F811
    page.sign_in()
    page.show("system")
    page.find("#wall-key-name").send_keys("大厅")
    page.find("#wall-key-make").click()
    page.wait(lambda: "#/wall?key=" in page.text("#wall-address"))
    address = page.text("#wall-address")
    sign_out(page)
    resize(page, 1920, 1080)
    served.run(lambda: served.house.log.post("", AlarmRaised("wait", "longest_wait", "service", 47.0, 30.0)))
    page.chrome.get(address)
    page.wait(lambda: page.text("#wall-waiting") == "3")
    page.wait(lambda: page.text("#wall-rate").endswith("%"))
    assert page.text('[data-wall="service"] h2') == "保养维修"
    assert page.text('[data-wall="service"] .wall-waiting b') == "2"
    assert "保养维修" in page.text(".wall-alarm")
    assert all(agent.name not in page.text("#app") for agent in day.DIRECTORY.agents)
    assert page.chrome.execute_script(OUTSIDE) == []
    page.keep_picture("console-wall.png")
    resize(page, 3840, 2160)
    assert page.chrome.execute_script(OUTSIDE) == []
    resize(page, 1920, 1080)
    assert page.complaints() == []

    scene = Scene(served.house)
    scene._count = 100
    served.run(lambda: served.house.log.post("", AlarmCleared("wait", "longest_wait", "service", 0.0, 5.0)))
    served.run(lambda: [scene.caller("sales", ago=0) for _ in range(2)])
    page.wait(lambda: page.text('[data-wall="sales"] .wall-waiting b') == "2")
    page.wait(lambda: not page.text(".wall-alarm"))

    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.chrome.execute_cdp_cmd("Network.enable", {})
    page.chrome.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    served.run(served.cut)
    page.wait(lambda: "数据中断" in page.text("#wall-old"))
    served.run(lambda: scene.caller("sales", ago=0))
    page.chrome.execute_cdp_cmd("Network.emulateNetworkConditions", {**offline, "offline": False})
    page.wait(lambda: page.text('[data-wall="sales"] .wall-waiting b') == "3")
    page.wait(lambda: not page.text("#wall-old"))


def test_it_turns_over_and_a_wrong_key_is_told(page: Page, served: Served) -> None:  # noqa: F811
    page.sign_in()
    page.show("wall?per=1&seconds=3&queues=sales,service")
    page.find('[data-wall="sales"], [data-wall="service"]')
    seen: set[str] = set()

    def both() -> bool:
        seen.update(page.chrome.execute_script(SHOWN))
        return seen == {"sales", "service"}

    page.wait(both)
    sign_out(page)
    page.chrome.get(f"{page.address}#/wall?key=wrong")
    page.wait(lambda: "密钥无效" in page.text(".wall-message"))
    page.chrome.get("about:blank")
    page.chrome.get(f"{page.address}#/wall")
    page.wait(lambda: "请用大屏密钥" in page.text(".wall-message"))
