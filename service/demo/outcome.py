"""What the demonstration shows at its end: one transcript, the survey's results, the day's report, one line of JSON."""

import asyncio
import json
import sys
from pathlib import Path
from typing import cast

from rich.console import Console

from core.errors import Unavailable
from service.demo.api import Api

Json = dict[str, object]


async def show_outcome(api: Api, campaign: str, config: Path, screen: Console) -> None:
    """Print it all; the last line is ``demo: {json}``."""
    calls = _items(cast("Json", await api.get("/calls?limit=100"))["items"])
    transcripts = [found for call in calls for found in await _transcripts(api, call)]
    screen.print("5. 结果 / what came of it", style="bold")
    _show_transcript(transcripts, screen)
    results = _items(await api.get(f"/campaigns/{campaign}/results"))
    answered = _show_survey(results, screen)
    await _day_report(config)
    report = cast("Json", await api.get("/reports/queues?bucket=total"))
    figures = cast("Json", cast("Json", report["total"])["figures"])
    summary = {
        "offered": figures["offered"],
        "answered": figures["answered"],
        "answer_rate": _rounded(figures["answer_rate"]),
        "mean_wait_s": _rounded(figures["asa_s"]),
        "recordings": sum(cast("int", call["recordings"]) for call in calls),
        "transcripts": len(transcripts),
        "survey_results": answered,
    }
    sys.stdout.write(f"demo: {json.dumps(summary)}\n")
    sys.stdout.flush()


async def _transcripts(api: Api, call: Json) -> list[Json]:
    detail = cast("Json", await api.get(f"/calls/{call['id']}"))
    ready = [item for item in _items(detail["recordings"]) if item["transcript"] == "ready"]
    return [cast("Json", await api.get(f"/calls/{call['id']}/transcript?recording={item['id']}")) for item in ready]


def _show_transcript(transcripts: list[Json], screen: Console) -> None:
    if not transcripts:
        screen.print("   没有转写（没有语音识别模型）/ no transcripts: no recognition model is installed")
        return
    fullest = telling(transcripts)
    screen.print("   一通电话的转写 / one call's transcript:")
    for segment in _items(fullest["segments"]):
        who = {"caller": "客户", "customer": "客户", "agent": "坐席", "system": "系统"}[str(segment["speaker"])]
        screen.print(f"   {cast('float', segment['start_s']):6.1f} s  {who}: {segment['text']}")


def telling(transcripts: list[Json]) -> Json:
    """The transcript that shows most: of a talk with an agent rather than of a survey, and the one with most said."""

    def value(transcript: Json) -> tuple[bool, int]:
        segments = _items(transcript["segments"])
        return any(segment["speaker"] == "agent" for segment in segments), len(segments)

    return max(transcripts, key=value)


def _show_survey(results: list[Json], screen: Console) -> int:
    """Print what the customers said; the number of completed surveys."""
    screen.print("   回访结果 / survey results:")
    for item in results:
        answers = ", ".join(f"{answer['question']}={answer['value']}" for answer in _items(item["answers"]))
        screen.print(f"   {item['name']}: {item['result']} {answers}")
    return sum(item["result"] == "completed" for item in results)


async def _day_report(config: Path) -> None:
    """The same table that the supervisor gets."""
    sys.stdout.flush()
    report = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.cli", "report", "--bucket", "total", "--config", str(config)
    )
    if await report.wait():
        raise Unavailable("the report could not be made")


def _items(value: object) -> list[Json]:
    return cast("list[Json]", value)


def _rounded(value: object) -> float | None:
    return round(value, 3) if isinstance(value, int | float) else None
