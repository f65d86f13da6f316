"""The weekly report as one page of HTML: it needs no script, no other file, and no network. Mail programs that draw no
SVG still show every figure.
"""

from datetime import datetime
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from reports.buckets import zone_of
from reports.pictures import Picture, to_svg
from reports.render import shown
from reports.weekly import WeeklyReport
from reports.weekly_parts import UNITS, headlines, parts

_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { font: 14px/1.5 'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', 'PingFang SC', sans-serif;
  color: #222; margin: 0 auto; padding: 16px 24px; max-width: 1180px; background: #fff; }
h1 { font-size: 24px; margin: 0; } h1 small, h2 small, th small { color: #777; font-weight: normal; }
h2 { font-size: 17px; margin: 28px 0 6px; border-bottom: 2px solid #2f6fb5; padding-bottom: 3px; }
p.quiet, ul.formulas { color: #777; font-size: 12px; margin: 4px 0; }
ul.formulas { padding-left: 16px; }
table { border-collapse: collapse; font-size: 12px; margin: 6px 0; }
th, td { border: 1px solid #dcdfe4; padding: 3px 6px; text-align: right; vertical-align: bottom; }
th { background: #eef2f7; font-weight: 600; } th small { display: block; font-size: 10px; }
th.text, td.text { text-align: left; white-space: nowrap; }
table.tiles td { border: 0; padding: 4px 28px 4px 0; text-align: left; }
table.tiles b { display: block; font-size: 28px; line-height: 1.2; }
.picture { max-width: 1000px; margin: 6px 0; }
@media print { h2 { break-after: avoid; } table, .picture { break-inside: avoid; } }
</style>
</head>
<body>
<h1>客服周报 {{ report.week }} <small>Weekly report</small></h1>
<p class="quiet">{{ days }}（{{ report.zone }}）· 生成 made {{ made }} · {{ units }}</p>
{% for headline in headlines %}
<h2>{{ headline.name }}</h2>
<table class="tiles"><tr>{% for tile in headline.tiles %}<td>{{ tile.zh }} <small>{{ tile.en }}</small>
<b>{{ tile.now }}</b>上周 before {{ tile.before }}</td>{% endfor %}</tr></table>
{% endfor %}
{% for part in parts %}
<h2>{{ part.zh }} <small>{{ part.en }}</small></h2>
{% if part.note %}<p class="quiet">{{ part.note }}</p>{% endif %}
{% for picture in part.pictures %}<div class="picture">{{ svg(picture) }}</div>
{% endfor %}
{% for table in part.tables %}
{% if table.lines %}<table><thead><tr>{% for column in table.columns %}
<th{% if column.unit == "text" %} class="text"{% endif %}>{{ column.zh }}<small>{{ column.en }}</small></th>
{%- endfor %}</tr></thead>
<tbody>{% for line in table.lines %}<tr>{% for value in line %}
<td{% if table.columns[loop.index0].unit == "text" %} class="text"{% endif %}>
{{- shown(value, table.columns[loop.index0].unit) }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table>
{% else %}<p class="quiet">无 none</p>{% endif %}
{% if table.formulas %}<ul class="formulas">{% for formula in table.formulas %}
<li>{{ formula.zh }} = {{ formula.formula_zh }} · {{ formula.en }} = {{ formula.formula_en }}</li>{% endfor %}</ul>
{% endif %}
{% endfor %}
{% endfor %}
</body>
</html>
"""
_environment: Final = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def weekly_html(report: WeeklyReport) -> str:
    """The page."""
    zone = zone_of(report.zone)
    return _environment.from_string(_PAGE).render(
        title=f"客服周报 {report.week}",
        report=report,
        days=f"{report.week.monday} – {report.week.sunday}",
        made=f"{datetime.fromtimestamp(report.made_at, zone):%Y-%m-%d %H:%M}",
        headlines=headlines(report),
        parts=parts(report),
        units=UNITS,
        shown=shown,
        svg=_svg,
    )


def _svg(picture: Picture) -> Markup:
    return Markup(to_svg(picture))  # its texts are escaped where they stand
