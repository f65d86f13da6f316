"""The pages: one document and its scripts, styles and libraries, all from this machine."""

import base64
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse

from console.deps import ConsoleDeps
from console.problems import Problem
from console.security import content_policy

PAGES: Final = Path(__file__).parent / "pages"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}


def web_router(deps: ConsoleDeps) -> APIRouter:
    """``/`` and ``/pages/…``. The files are those that are there now: what is asked for only chooses among them."""
    router = APIRouter(include_in_schema=False)
    files = {
        path.relative_to(PAGES).as_posix(): path
        for path in PAGES.rglob("*")
        if path.suffix in _TYPES and path.is_file()
    }

    @router.get("/")
    async def index() -> HTMLResponse:
        nonce = base64.b64encode(deps.entropy(16)).decode()
        document = (PAGES / "index.html").read_text("utf-8").replace("{{nonce}}", nonce)
        headers = {"Content-Security-Policy": content_policy(nonce), "Cache-Control": "no-store"}
        return HTMLResponse(document, headers=headers)

    @router.get("/pages/{name:path}")
    async def page_file(name: str) -> FileResponse:
        path = files.get(name)
        if path is None:
            raise Problem(404, f"no page {name[:100]!r}", mend="Open / for the console.")
        # "no-cache" lets the browser keep the file but ask each time whether it is still the same (ETag).
        return FileResponse(path, media_type=_TYPES[path.suffix], headers={"Cache-Control": "no-cache"})

    return router
