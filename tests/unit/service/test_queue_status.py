"""Whether queues take callers now, as the console is told, with the live scheduler and calendar."""

import random
from dataclasses import replace
from pathlib import Path

from acd.distributor import Distributor
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from service import from_config
from service.config_model import AgentConfig, Config, HoursConfig, QueueConfig
from service.queue_status import QueueStatus
from tests.unit.acd.doubles import FakeAnnouncer, FakePhones

PAGES = Path(__file__).resolve().parents[3] / "console" / "pages"
CONFIG = Config(
    agents=(AgentConfig("101"), AgentConfig("102")),
    hours=(HoursConfig("never", holidays=""), HoursConfig("shut", ("daily 00:00-24:00",), "")),
    queues=(
        QueueConfig("sales", "购车咨询", ("101", "102"), enter_while="on-duty", overflow=("", "voicemail:sales")),
        QueueConfig("night", agents=("101",), hours="never", closed=("hangup",)),
        QueueConfig("plain", keys=("9 -> hangup",)),
    ),
)


async def test_each_queue_says_whether_it_takes_callers_and_why_not() -> None:
    clock = VirtualClock()
    log = MemoryLog(clock)
    distributor = Distributor(
        from_config.queues_of(CONFIG), log=log, clock=clock, ids=Ids(clock, CountingEntropy()),
        phones=FakePhones(lambda _: ("silent", 0.0)), announcer=FakeAnnouncer(), agents=("101", "102"),
        draw=random.Random(0).random,
    )  # fmt: skip
    held = [CONFIG]
    status = QueueStatus(lambda: held[0], distributor, clock)

    def shown() -> dict[str, str]:
        return {view.id: view.refuses for view in status.queues()}

    assert shown() == {"sales": "unattended", "night": "closed", "plain": ""}
    distributor.phone_registered("101")
    distributor.pause("101", "tea")
    assert shown()["sales"] == "unattended"
    distributor.phone_registered("102")
    distributor.set_available("102")
    sales, night, plain = status.queues()
    assert (sales.refuses, sales.status, sales.opens_at, sales.overflow) == ("", "open", None, ["voicemail:sales"])
    assert (sales.agents, sales.signed_in, sales.on_duty, sales.free) == (2, 2, 1, 1)
    assert (night.status, night.hours, night.opens_at, night.closed) == ("closed", "never", None, ["hangup"])
    assert (plain.title, plain.keys, plain.agents) == ("plain", ["9 -> hangup"], 0)
    distributor.reserve("102", "c-1")
    assert status.queues()[0].free == 0 and shown()["sales"] == ""
    held[0] = replace(CONFIG, queues=(*CONFIG.queues, QueueConfig("new")))
    assert shown()["new"] == "gone", "the scheduler has not heard of it"
    await distributor.close()


def test_the_page_has_words_for_every_reason() -> None:
    words = (PAGES / "words.js").read_text("utf-8")
    for why in ("open", "closed", "holiday", "full", "unattended", "gone"):
        assert f'"queue.takes.{why}"' in words
    for rule in ("signed-in", "on-duty", "free"):
        assert f'"queue.there.{rule}"' in words
    for why in ("full", "max_wait", "unattended", "gone"):
        assert f'"overflow.{why}"' in words
