"""Answers whose bytes are made elsewhere (``console.papers``)."""

from typing import Final

from fastapi import Response

from console.sheets import Kind

_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def json_paper(body: bytes) -> Response:
    """A JSON answer."""
    return Response(body, media_type="application/json")


def sheet_paper(body: bytes, kind: Kind, name: str) -> Response:
    """The download of a table."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, media_type=_TYPES[kind], headers=headers)
