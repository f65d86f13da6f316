"""The table and the pictures of docs/pacing.md."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.pacing.figures import Row
from bench.pacing.run import OURS, RATIO_BEST, RATIO_HOLDS, Ours
from bench.pacing.settings import SETTINGS
from bench.pacing.world import World
from reports.pictures import Box, Picture, Shape, Stroke, Words, to_svg

BEGIN: Final = "<!-- measured: python -m bench.pacing --write -->"
END: Final = "<!-- end of what was measured -->"
HOLDS, BREAKS, GREY, INK, BLUE = "#2e7d32", "#c62828", "#bdbdbd", "#333333", "#1565c0"
WIDTH: Final = 760.0


def write(rows: Sequence[Row], document: Path) -> None:
    """Put the table between its marks, and the pictures into images/ beside the document."""
    text = document.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    document.write_text(f"{head}{BEGIN}\n\n{table(rows)}\n{END}{tail}", encoding="utf-8")
    images = document.parent / "images"
    (images / "pacing-idle.svg").write_text(to_svg(bars(rows)) + "\n", encoding="utf-8")
    (images / "pacing-shock.svg").write_text(to_svg(shock()) + "\n", encoding="utf-8")


def table(rows: Sequence[Row]) -> str:
    """Markdown; what broke the cap of 3 % is marked."""
    lines = [
        "| setting | policy | idle, s per agent hour | talk | abandoned | worst window | windows over 3 % |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        policy = f"**{row.policy}**" if row.policy == OURS else row.policy
        whole = f"{row.abandon_pct:.2f} %" + (" ✗" if row.abandon_pct > 3.0 else "")
        worst = f"{row.worst_window_abandon_pct:.2f} %" + (" ✗" if row.worst_window_abandon_pct > 3.0 else "")
        lines.append(
            f"| {row.setting} | {policy} | {row.idle_s_per_agent_hour:.0f} | {row.talk_pct:.1f} % | {whole} | {worst} "
            f"| {row.windows_over_pct:.1f} % |"
        )
    return "\n".join(lines) + "\n"


def bars(rows: Sequence[Row]) -> Picture:
    """Idle time by setting and policy; green where the cap held in every window."""
    shapes: list[Shape] = []
    y, left, right = 24.0, 250.0, 90.0
    most = max((row.idle_s_per_agent_hour for row in rows), default=1.0)
    shapes.append(Words(8, 14, "idle, seconds per agent hour; green: the cap of 3 % held in every window", 11, INK))
    for setting in dict.fromkeys(row.setting for row in rows):
        y += 8
        shapes.append(Words(8, y + 10, setting, 11, INK))
        y += 16
        for row in (each for each in rows if each.setting == setting):
            length = (WIDTH - left - right) * row.idle_s_per_agent_hour / most
            colour = HOLDS if row.holds else BREAKS
            shapes.append(Words(left - 6, y + 9, _short(row.policy), 9.5, INK, "end"))
            told = f"{row.policy}: worst window {row.worst_window_abandon_pct:.2f} %"
            shapes.append(Box(left, y, max(length, 0.5), 11, colour, told))
            figures = f"{row.idle_s_per_agent_hour:.0f} s, worst {row.worst_window_abandon_pct:.1f} %"
            shapes.append(Words(left + length + 4, y + 9, figures, 9, INK))
            y += 14
    return Picture("Idle time of agents by policy", WIDTH, y + 10, tuple(shapes))


def _short(policy: str) -> str:
    return policy.replace(RATIO_BEST, "best ratio").replace(RATIO_HOLDS, "best ratio that holds")


def shock() -> Picture:
    """One run of 25 agents: the share that answers, what the pacer believed of it, and who was abandoned."""
    setting = next(each for each in SETTINGS if each.name == "25 agents")
    ours = Ours()
    believed: list[tuple[float, float, float]] = []

    def look(now: float) -> None:
        if now % 60 < ours.tick_s:
            chance = ours.pacer.chance
            believed.append((now, chance.mean, chance.upper(ours.pacer.rules.deviations)))

    world = World(setting, ours, 3, look)
    tally = world.run()
    left, top, wide, high = 40.0, 30.0, WIDTH - 60.0, 220.0
    end_s = setting.hours * 3600.0
    most = max(*world.shares, *(upper for _, _, upper in believed))

    def at(now: float, share: float) -> tuple[float, float]:
        return left + wide * now / end_s, top + high * (1 - share / most)

    told = "25 agents: share answered by a person (grey), as believed (blue, thin: upper limit), people abandoned (red)"
    shapes: list[Shape] = [Words(8, 16, told, 11, INK)]
    for tenth in range(int(most * 10) + 1):
        x, y = at(0, tenth / 10)
        shapes.append(Stroke(((x, y), (left + wide, y)), "#eeeeee"))
        shapes.append(Words(x - 4, y + 3, f"{10 * tenth} %", 9, INK, "end"))
    for hour in range(int(setting.hours) + 1):
        shapes.append(Words(at(3600.0 * hour, 0)[0], top + high + 14, f"{hour} h", 9, INK, "middle"))
    truth = tuple(at(60.0 * minute, share) for minute, share in enumerate(world.shares) if 60.0 * minute <= end_s)
    shapes.append(Stroke(truth, GREY, 3))
    shapes.append(Stroke(tuple(at(now, upper) for now, _, upper in believed), BLUE, 0.6))
    shapes.append(Stroke(tuple(at(now, mean) for now, mean, _ in believed), BLUE, 1.6))
    shapes += [
        Box(at(now, 0)[0] - 0.75, top + high - 12, 1.5, 12, BREAKS, f"abandoned at {now / 3600:.2f} h")
        for now, abandoned in tally.people
        if abandoned
    ]
    return Picture("Answers, as they were and as believed", WIDTH, top + high + 24, tuple(shapes))
