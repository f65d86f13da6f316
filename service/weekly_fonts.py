"""A font with Chinese glyphs on this machine, for the weekly report's PDF: TrueType files of free licences, where
distributions put them.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from core.errors import ConfigError
from reports.weekly import WeeklyReport
from reports.weekly_pdf import weekly_pdf

PLACES: Final = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",  # Debian, Ubuntu: fonts-wqy-microhei
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",  # fonts-droid-fallback
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",  # Fedora, openEuler
    "/usr/share/fonts/wqy-microhei-fonts/wqy-microhei.ttc",
    "/usr/share/fonts/wqy-zenhei-fonts/wqy-zenhei.ttc",
)


def paper(report: WeeklyReport, font: Path | None, places: Iterable[str] = PLACES) -> bytes:
    """The PDF with the glyphs of ``font``; where none is set, of the first of ``places`` that can be embedded, so that
    it is read on machines without Chinese fonts too; with none of those, in a font of the reader's own machine.
    """
    if font is not None:
        return weekly_pdf(report, font)
    for place in map(Path, places):
        if place.is_file():
            try:
                return weekly_pdf(report, place)
            except ConfigError:  # it is no TrueType file after all; nobody has asked for it
                continue
    return weekly_pdf(report)
