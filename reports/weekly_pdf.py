"""The weekly report as a PDF of A4 pages, by reportlab.

Without a font file the Chinese text names Adobe's STSong-Light, which is not put into the document: every reader on a
machine with Chinese fonts shows it in one of its own. With a TrueType file the glyphs that are used are embedded.
"""

import io
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, PolyLine, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as PlacedTable

from core.errors import ConfigError
from reports.buckets import zone_of
from reports.pictures import Box, Picture, Stroke, Words
from reports.render import shown
from reports.tables import Table
from reports.weekly import WeeklyReport
from reports.weekly_parts import UNITS, Headline, Part, headlines, parts

SONG: Final = "STSong-Light"
EMBEDDED: Final = "Line400Text"
_MARGIN: Final = 12 * mm
_WIDTH: Final = landscape(A4)[0] - 2 * _MARGIN
_PICTURE_WIDTH: Final = 0.86 * _WIDTH
_HEAD: Final = HexColor("#eef2f7")
_RULE: Final = HexColor("#dcdfe4")
_ACCENT: Final = HexColor("#2f6fb5")
_QUIET: Final = HexColor("#777777")
_LACKING: Final = str.maketrans({"⌈": "ceil(", "⌉": ")"})
"""STSong-Light has no such glyphs."""
_TEXT_SHARE: Final = 1.9
"""A column of text is so many times as wide as one of figures."""
_WIDEST: Final = 26 * mm
"""No column of figures is wider."""


def weekly_pdf(report: WeeklyReport, font: Path | None = None) -> bytes:
    """The document, with the glyphs of ``font`` where there is one; ``ConfigError`` where that cannot be used."""
    paper = _Paper(_register(font))
    out = io.BytesIO()
    title = f"客服周报 {report.week}"
    document = SimpleDocTemplate(
        out,
        pagesize=landscape(A4),
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author="Line400",
    )
    zone = zone_of(report.zone)
    made = f"{datetime.fromtimestamp(report.made_at, zone):%Y-%m-%d %H:%M}"
    days = f"{report.week.monday} – {report.week.sunday}（{report.zone}）· 生成 made {made} · {UNITS}"
    story: list[Flowable] = [paper.text(f"{title}  Weekly report", paper.title), paper.text(days, paper.quiet)]
    for headline in headlines(report):
        story += paper.headline(headline)
    for part in parts(report):
        story += paper.part(part)

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.setFont(paper.font, 7)
        canvas.setFillColor(_QUIET)
        canvas.drawString(_MARGIN, 6 * mm, f"Line400 · {title}")
        canvas.drawRightString(landscape(A4)[0] - _MARGIN, 6 * mm, str(canvas.getPageNumber()))

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _register(font: Path | None) -> str:
    """The name under which the text's font is known."""
    if font is None:
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
        return SONG
    try:
        pdfmetrics.registerFont(TTFont(EMBEDDED, str(font)))
    except (TTFError, OSError) as error:
        raise ConfigError(
            [f"weekly_report.font: {font} cannot be embedded: {error}; take a TrueType file (.ttf or .ttc)"]
        ) from None
    return EMBEDDED


class _Paper:
    """Makes what stands on the pages, in one font."""

    def __init__(self, font: str) -> None:
        self.font = font
        self.title = ParagraphStyle("title", fontName=font, fontSize=18, leading=24, wordWrap="CJK")
        self.heading = ParagraphStyle(
            "heading", fontName=font, fontSize=12, leading=16, spaceBefore=10, spaceAfter=3, textColor=_ACCENT,
            wordWrap="CJK",
        )  # fmt: skip
        self.quiet = ParagraphStyle("quiet", fontName=font, fontSize=7, leading=9.5, textColor=_QUIET, wordWrap="CJK")
        self.cell = ParagraphStyle("cell", fontName=font, fontSize=7, leading=8.5, wordWrap="CJK")
        self.head = ParagraphStyle("head", fontName=font, fontSize=6.5, leading=8, wordWrap="CJK")
        self.large = ParagraphStyle("large", fontName=font, fontSize=19, leading=23)

    def text(self, text: str, style: ParagraphStyle) -> Flowable:
        """A paragraph; what it says is no markup."""
        return Paragraph(escape(text.translate(_LACKING)), style)

    def headline(self, headline: Headline) -> list[Flowable]:
        """The large figures side by side."""
        cells = [
            [
                self.text(f"{tile.zh} {tile.en}", self.quiet),
                self.text(tile.now, self.large),
                self.text(f"上周 before {tile.before}", self.quiet),
            ]
            for tile in headline.tiles
        ]
        table = PlacedTable([cells], colWidths=[_WIDTH / len(cells)] * len(cells), hAlign="LEFT")
        return [self.text(headline.name, self.heading), table]

    def part(self, part: Part) -> list[Flowable]:
        """Heading, note, pictures, tables with their formulas."""
        first = part.pictures[0].height * _PICTURE_WIDTH / part.pictures[0].width if part.pictures else 30 * mm
        story: list[Flowable] = [CondPageBreak(first + 14 * mm), self.text(f"{part.zh}  {part.en}", self.heading)]
        if part.note:
            story.append(self.text(part.note, self.quiet))
        for picture in part.pictures:
            story += [self.picture(picture), Spacer(1, 2 * mm)]
        for table in part.tables:
            story += [self.table(table), Spacer(1, 1.5 * mm)]
            story += [
                self.text(f"{it.zh} = {it.formula_zh} · {it.en} = {it.formula_en}", self.quiet) for it in table.formulas
            ]
        return story

    def table(self, table: Table) -> Flowable:
        """Its heading stands on every page that it reaches."""
        if not table.lines:
            return self.text("无 none", self.quiet)
        texts = [column.unit == "text" for column in table.columns]
        step = min(_WIDEST, _WIDTH / sum(_TEXT_SHARE if text else 1.0 for text in texts))
        head = [Paragraph(f"{escape(it.zh)}<br/>{escape(it.en)}", self.head) for it in table.columns]
        rows: list[list[object]] = [list(head)]
        for line in table.lines:
            values = [shown(value, column.unit) for value, column in zip(line, table.columns, strict=True)]
            rows.append([self.text(it, self.cell) if text else it for it, text in zip(values, texts, strict=True)])
        style = [
            ("FONT", (0, 0), (-1, -1), self.font, 7),
            ("BACKGROUND", (0, 0), (-1, 0), _HEAD),
            ("GRID", (0, 0), (-1, -1), 0.3, _RULE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2.5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2.5),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            *(("ALIGN", (place, 1), (place, -1), "RIGHT") for place, text in enumerate(texts) if not text),
        ]
        widths = [step * (_TEXT_SHARE if text else 1.0) for text in texts]
        return PlacedTable(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", style=TableStyle(style))

    def picture(self, picture: Picture) -> Flowable:
        """Its shapes, drawn to fit; y is from the bottom here."""
        scale = _PICTURE_WIDTH / picture.width
        drawing = Drawing(picture.width * scale, picture.height * scale)
        for shape in picture.shapes:
            match shape:
                case Box(x, y, width, height, colour):
                    bottom = picture.height - y - height
                    drawing.add(
                        Rect(
                            x * scale, bottom * scale, width * scale, height * scale,
                            fillColor=HexColor(colour), strokeColor=None, strokeWidth=0,
                        )
                    )  # fmt: skip
                case Stroke(points, colour, width):
                    path = [value for x, y in points for value in (x * scale, (picture.height - y) * scale)]
                    drawing.add(PolyLine(path, strokeColor=HexColor(colour), strokeWidth=width * scale))
                case Words(x, y, text, size, colour, anchor):
                    drawing.add(
                        String(
                            x * scale, (picture.height - y) * scale, text, fontName=self.font, fontSize=size * scale,
                            fillColor=HexColor(colour), textAnchor=anchor,
                        )
                    )  # fmt: skip
        return drawing
