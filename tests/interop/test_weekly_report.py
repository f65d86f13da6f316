"""A served line makes the report of last week in a process of its own and mails it to a real mail server."""

import asyncio
import io
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdf
import pytest

from reports.weeks import last_week
from tests.interop.line import Line, basic, serving
from tests.interop.past_calls import write_past
from tests.mail_server import mail_server
from tests.ports import free_port

pytestmark = pytest.mark.interop
ZONE = ZoneInfo("Asia/Shanghai")


async def test_made_and_mailed(tmp_path: Path) -> None:
    week = last_week(time.time(), ZONE)
    await write_past(tmp_path / "data" / "line400.db", ("sales", "service"), 3000)
    async with mail_server() as inbox:
        more = f"""
[mail]
host = "127.0.0.1"
port = {inbox.port}
security = "off"
sender = "line@example.com"
[weekly_report]
when = "* * * * *"
to = ["boss@example.com"]
"""
        async with serving(tmp_path, basic(carrier_port=free_port(), more=more)) as line, asyncio.timeout(60):
            await inbox.came.wait()
            await _until(line, f"weekly report {week}: mailed to 1")
    (mail,) = inbox.mails
    assert f"客服周报 {week}：接通率 " in mail["Subject"]
    (pdf,) = [it for it in mail.iter_attachments() if it.get_content_type() == "application/pdf"]
    data = pdf.get_content()
    assert (tmp_path / "data" / "reports" / f"line400-{week}.pdf").read_bytes() == data
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)
    assert "sales" in text and "最差的半小时" in text
    assert not [said for said in line.output if "broke off" in said]


async def _until(line: Line, said: str) -> None:
    while not any(said in text for text in line.output):  # noqa: ASYNC110 - it only writes
        await asyncio.sleep(0.1)
