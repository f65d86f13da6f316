"""The weekly report over a real store: every figure is the report room's own, on the page and in the PDF."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
import reportlab

from core.errors import ConfigError
from reports.model import Bucket, ReportQuery
from reports.periods import before
from reports.render import shown
from reports.weekly import WeeklyReport, queue_weeks, worst_half_hours
from reports.weekly_html import weekly_html
from reports.weekly_parts import headlines, parts
from reports.weekly_pdf import weekly_pdf
from reports.weeks import parse_week
from service.weekly_fonts import paper
from service.weekly_make import Files, gather, make, summary
from service.weekly_plan import Content, MakeJob
from store.store import Store
from tests.unit.service.past_week import MONDAY, NEXT_MONDAY, WEEK, past_week, url_of

CONTENT = Content(
    zone="Asia/Shanghai",
    thresholds=(("sales", 20.0), ("service", 20.0)),
    queues=(),
    titles=(("sales", "购车咨询"), ("service", "保养维修")),
    names=(("101", "王芳"),),
    members=None,
    whole_numbers=False,
    font=None,
)


async def report_of(store: Store, content: Content = CONTENT) -> WeeklyReport:
    return await gather(store, WEEK, content, NEXT_MONDAY + 7 * 3600)


def text_of(document: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages)


def fonts_of(document: bytes) -> set[str]:
    """Whether the glyphs of the fonts of Chinese text are in the document, or only their names."""
    raw, found = document.replace(b"\n", b" "), set()
    if b"/FontFile2" in raw:
        found.add("embedded")
    if b"/STSong-Light" in raw:
        found.add("named")
    return found


async def test_its_figures_are_those_of_the_reports(tmp_path: Path) -> None:
    async with past_week(tmp_path) as store:
        report = await report_of(store)
        query = ReportQuery(MONDAY, NEXT_MONDAY, Bucket.TOTAL, thresholds=CONTENT.thresholds)
        counted, earlier = await store.reports.queues(query), await store.reports.queues(before(query))
        agents = await store.reports.agents(MONDAY, NEXT_MONDAY)
    sales, service, every = queue_weeks(report)
    assert (sales.queue, service.queue, every.queue) == ("sales", "service", "")
    assert every.now is not None and every.before is not None and service.before is None
    assert (every.now.counts, every.now.rates) == (counted.total.counts, counted.total.rates)
    assert every.before.counts == earlier.total.counts
    assert (every.now.counts.offered, every.now.counts.answered, every.before.counts.offered) == (9, 7, 2)
    assert report.agents.agents == agents.agents
    (worst,) = worst_half_hours(report, at_least=5, most=10)
    assert (worst.queue, worst.label, worst.counts.offered) == ("sales", "2026-11-09T09:00+08:00", 6)
    assert [it.contact is not None for it in report.followed] == [True, False]
    assert (report.probes[0].calls, report.probes[0].answered) == (2, 1)
    rate, offered, *_ = headlines(report)[0].tiles
    assert (rate.zh, rate.now, rate.before) == ("接通率", shown(counted.total.rates.answer_rate, "share"), "100.0 %")
    assert (offered.now, offered.before) == ("9", "2")


async def test_the_page_says_all_of_it(tmp_path: Path) -> None:
    async with past_week(tmp_path) as store:
        page = weekly_html(await report_of(store))
        whole = weekly_html(await report_of(store, replace(CONTENT, whole_numbers=True)))
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for told in ("客服周报 2026-W46", "2026-11-09 – 2026-11-15", "购车咨询", "保养维修", "王芳 101", "77.8 %"):
        assert told in plain, told
    assert "接通率 = 接通 ÷ 进线量" in plain and "20 秒内接通 ÷ 进线量" in plain
    assert "+86139****2222" in page and "13911112222" not in page and "+8613911112222" in whole
    assert "****4444" not in page  # he was called back
    assert page.count("<svg") == 4  # days, half hours, waits, agents
    assert "11-09 09:00" in plain
    assert "<script" not in page and "http" not in page.replace("http://www.w3.org/2000/svg", "")


async def test_the_pdf_says_the_same_in_chinese(tmp_path: Path) -> None:
    async with past_week(tmp_path) as store:
        report = await report_of(store)
    document = weekly_pdf(report)
    text = text_of(document)
    for told in (
        "客服周报 2026-W46",
        "购车咨询",
        "王芳 101",
        "77.8 %",
        "接通率",
        "放弃的来电",
        "+86139****2222",
        "拨测",
    ):
        assert told in text, told
    assert "13911112222" not in text
    assert len(document) < 200_000
    assert pypdf.PdfReader(io.BytesIO(document)).metadata.title == "客服周报 2026-W46"


async def test_some_queues_only(tmp_path: Path) -> None:
    async with past_week(tmp_path) as store:
        narrow = replace(CONTENT, queues=("service",), members=frozenset())
        report = await report_of(store, narrow)
    assert [week.queue for week in queue_weeks(report)] == ["service"]
    assert headlines(report)[0].name == "保养维修" and headlines(report)[0].tiles[0].now == "100.0 %"
    assert report.agents.agents == () and report.followed == ()
    assert "购车咨询" not in weekly_html(report)


async def test_a_week_without_calls(tmp_path: Path) -> None:
    async with past_week(tmp_path) as store:
        report = await gather(store, parse_week("2026-W20"), CONTENT, NEXT_MONDAY)
    assert "无 none" in weekly_html(report)
    assert "2026-W20" in text_of(weekly_pdf(report))
    assert len(parts(report)) == 11
    assert summary(report).startswith("客服周报 2026-W20：接通率 —")


async def test_files_are_written_whole_and_again(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "weekly"
    async with past_week(tmp_path):
        pass
    job = MakeJob(WEEK, url_of(tmp_path), folder, CONTENT)
    files = await make(job)
    assert files == Files.of(folder, WEEK) and files.pdf.read_bytes()[:5] == b"%PDF-"
    files.html.write_text("old")
    await make(job)
    assert "购车咨询" in files.html.read_text("utf-8")
    assert sorted(path.name for path in folder.iterdir()) == [
        "line400-2026-W46.html", "line400-2026-W46.pdf", "line400-2026-W46.txt",
    ]  # fmt: skip


async def test_a_font_of_this_machine_is_embedded_where_none_is_set(tmp_path: Path) -> None:
    broken, vera = tmp_path / "no.ttf", Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
    broken.write_bytes(b"\x00\x01\x00\x00 and so on")
    async with past_week(tmp_path) as store:
        report = await report_of(store)
    found = paper(report, None, (str(tmp_path / "not there.ttf"), str(broken), str(vera)))
    assert fonts_of(found) == {"embedded"} and "2026-W46" in text_of(found)
    assert fonts_of(paper(report, None, (str(broken),))) == {"named"}


async def test_a_font_that_cannot_be_embedded_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.ttf").write_bytes(b"\x00\x01\x00\x00 and so on")
    async with past_week(tmp_path) as store:
        report = await report_of(store)
    with pytest.raises(ConfigError, match=r"weekly_report.font: .*no.ttf cannot be embedded"):
        weekly_pdf(report, tmp_path / "no.ttf")
