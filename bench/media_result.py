"""What one case of ``bench.media`` gives, and how it is shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.audio import RATE_HZ


@dataclass(frozen=True, slots=True)
class Result:
    """One case, measured over ``seconds``. ``served``: by ``line400 serve``, not by media workers alone.

    ``core_pct_per_call`` is the whole service, ``media_core_pct_per_call`` its media workers; the same as CPU-seconds
    for a second of a call. ``load_gap``: between the packets that one far end sent. ``stolen_pct``: of the machine's
    time meanwhile, what its host gave to others; with more than 1 % gaps and delays are the host's. ``tap_skips``: how
    often a tap skipped over a second or more in which its worker stood still.
    """

    case: str
    calls: int
    served: bool
    core_pct_per_call: float
    media_core_pct_per_call: float
    cpu_s_per_call_s: float
    media_cpu_s_per_call_s: float
    gap_p50_ms: float
    gap_p99_ms: float
    gap_p999_ms: float
    gap_max_ms: float
    load_gap_p50_ms: float
    load_gap_p99_ms: float
    load_gap_p999_ms: float
    load_gap_max_ms: float
    delay_p50_ms: float
    delay_p99_ms: float
    lost: int
    workers: int
    seconds: float
    stolen_pct: float
    recordings_checked: int
    samples_wrong: int
    recordings_moved: int
    tapped_s: float
    tap_datagrams_missing: int
    tap_skips: int


def result(
    case: str,
    calls: int,
    *,
    served: bool,
    workers: int,
    wall: float,
    used: Mapping[str, float],
    heard: Mapping[str, Any],
    checks: list[tuple[int, int]],
    tapped: Mapping[str, int],
) -> Result:
    """``used``: CPU seconds of ``media``, of the ``rest`` of the service and ``stolen`` by the host; ``checks``: one
    for each recording.
    """
    media, whole = (seconds / wall / calls for seconds in (used["media"], used["media"] + used["rest"]))
    return Result(
        case=case,
        calls=calls,
        served=served,
        core_pct_per_call=round(whole * 100, 4),
        media_core_pct_per_call=round(media * 100, 4),
        cpu_s_per_call_s=round(whole, 6),
        media_cpu_s_per_call_s=round(media, 6),
        workers=workers,
        seconds=round(wall, 1),
        stolen_pct=round(100 * used["stolen"] / wall / (os.cpu_count() or 1), 2),
        recordings_checked=len(checks),
        samples_wrong=sum(wrong for wrong, _ in checks),
        recordings_moved=sum(moved for _, moved in checks),
        tapped_s=round(tapped["samples"] / RATE_HZ, 1),
        tap_datagrams_missing=tapped["missing"],
        tap_skips=tapped["skips"],
        **{name: value for name, value in heard.items() if name != "sent"},
    )


def table(results: list[Result]) -> str:
    """For people."""
    lines = [f"{'case':<25}{'calls':>6}{'core %/call':>13}{'media':>9}{'gap p50':>9}{'p99':>8}{'p99.9':>8}{'max':>8}"]
    lines[0] += f"{'(sent p99':>10}{'p99.9)':>8}{'delay p50':>11}{'p99':>8}{'lost':>6}{'wrong':>7}{'moved':>6}"
    lines[0] += f"{'tapped':>8} s{'missing':>8}{'skips':>6}{'stolen %':>9}"
    for item in results:
        lines.append(
            f"{item.case:<25}{item.calls:>6}{item.core_pct_per_call:>13.3f}{item.media_core_pct_per_call:>9.3f}"
            f"{item.gap_p50_ms:>9.2f}{item.gap_p99_ms:>8.2f}{item.gap_p999_ms:>8.2f}{item.gap_max_ms:>8.2f}"
            f"{item.load_gap_p99_ms:>10.2f}{item.load_gap_p999_ms:>8.2f}"
            f"{item.delay_p50_ms:>11.2f}{item.delay_p99_ms:>8.2f}{item.lost:>6}{item.samples_wrong:>7}{item.recordings_moved:>6}"
            f"{item.tapped_s:>10.0f}{item.tap_datagrams_missing:>8}{item.tap_skips:>6}{item.stolen_pct:>9.2f}"
        )
    return "\n".join(lines)
