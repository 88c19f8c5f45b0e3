"""The HTTP application of the preview server."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from importlib.resources import files
from mimetypes import guess_type
from typing import Any, Protocol
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sitrep.problems import Problem
from sitrep.serve.livereload import LIVE, MISSING, STYLE, seen, served, waiting
from sitrep.serve.security import Gate
from sitrep.serve.versions import SiteVersion, SiteVersions

CHANGES = "/_changes"
EVENTS = "/_events"
STATE = "/_state"
REBUILD = "/_rebuild"
ICON = "/favicon.ico"
"""Paths that browsers request by themselves."""

STREAMS = 64
"""Pages that are notified of changes at once."""
BEAT = 15.0
"""Seconds without an event after which a stream sends a sign of life."""
TYPES = {
    "atom": "application/atom+xml",
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webp": "image/webp",
    "woff2": "font/woff2",
    "xml": "application/xml",
}
TEXT = ("application/json", "application/xml", "application/atom+xml", "image/svg+xml")
"""Media types that are text but whose names do not say so: Starlette adds the encoding to the others."""


class PreviewFault(Protocol):
    """Why the site shown is not the present state of the files."""

    @property
    def message(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def problems(self) -> list[Problem]: ...
    @property
    def others(self) -> list[Problem]: ...
    @property
    def id(self) -> str: ...


class Preview(Protocol):
    """The state that the request handlers see."""

    shown: SiteVersions
    preview: bool
    closing: bool
    builds: int
    streams: int

    def fault(self) -> PreviewFault | None: ...
    def news(self) -> asyncio.Event: ...
    def lost(self) -> None: ...
    def look(self) -> None: ...

    open: Counter[str]

    async def changes(self, number: int) -> tuple[int, bytes]: ...


def app(preview: Preview, hosts: frozenset[str]) -> Gate:
    """The complete application, behind its gate."""

    async def site(request: Request) -> Response:
        return _site(preview, request.scope["path"])

    async def state(_: Request) -> Response:
        counts = {"builds": preview.builds, "generation": preview.shown.count}
        return JSONResponse(_state(preview) | counts)

    async def events(request: Request) -> Response:
        if preview.streams >= STREAMS:
            return Response(status_code=503)
        path, shape = request.query_params.get("path", ""), request.query_params.get("shape", "")
        return StreamingResponse(_events(preview, path, shape), media_type="text/event-stream")

    async def changes(request: Request) -> Response:
        number = request.query_params.get("page", "1")
        status, body = await preview.changes(int(number) if number.isdecimal() and len(number) < 7 else 1)
        return Response(body, status, media_type="text/html")

    async def rebuild(_: Request) -> Response:
        preview.look()
        return Response(status_code=202)

    def own(name: str, kind: str) -> Any:
        data = files("sitrep.serve").joinpath(name).read_bytes()

        async def answer(_: Request) -> Response:
            return Response(data, media_type=kind)

        return answer

    routes = [
        Route(LIVE, own("live.js", "text/javascript")),
        Route(STYLE, own("live.css", "text/css")),
        Route(f"{CHANGES}.css", own("changes.css", "text/css")),
        Route(EVENTS, events),
        Route(STATE, state),
        Route(CHANGES, changes),
        Route(REBUILD, rebuild, methods=["POST"]),
        Route("/{path:path}", site),
    ]
    return Gate(Starlette(routes=routes), hosts, frozenset({REBUILD}))


def _site(preview: Preview, path: str) -> Response:
    """A file of the site, under the path it will have when published."""
    now = preview.shown.now
    if path == ICON and not (now and now.base == "/" and path[1:] in now.files):
        return Response(status_code=204)
    if now is None:
        fault = preview.fault()
        message = fault.message if fault else "The site is being built."
        return _html(waiting(message, fault.problems if fault else []), 503)
    if not path.startswith(now.base):
        if path == "/" or f"{path}/" == now.base:
            return _to(now.base)
        return Response(f"The site is under {now.base}\n", 404, media_type="text/plain")
    asked = path[len(now.base) :]
    target = now.target(asked)
    if target not in now.files:
        if f"{target}/index.html" in now.files:
            return _to(f"{path}/")
        if target in preview.shown.retired:
            return Response(preview.shown.retired[target], media_type=media_type(target))
        return _missing(preview, now, target)
    data = now.read(target)
    if data is None:
        preview.lost()
        return _html(waiting("What was built has been changed from outside; it is being built again.", []), 503)
    if target.endswith(".html"):
        return _html(served(now, target, data, problems=preview.preview), 404 if target == MISSING else 200)
    return Response(data, media_type=media_type(target))


def _missing(preview: Preview, now: SiteVersion, target: str) -> Response:
    data = now.read(MISSING)
    if data is None:
        return Response("There is no page at this address.\n", 404, media_type="text/plain")
    return _html(served(now, target, data, problems=False), 404)


def _html(data: bytes, status: int = 200) -> Response:
    return Response(data, status, media_type="text/html")


def _to(path: str) -> Response:
    return RedirectResponse(quote(path), 302)


def media_type(path: str) -> str:
    ending = path.rpartition(".")[2].lower()
    kind = TYPES.get(ending) or guess_type(path)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind in TEXT else kind


# -- live -------------------------------------------------------------------------------------------------------------


async def _events(preview: Preview, path: str, shape: str) -> AsyncIterator[str]:
    """Tells one page what concerns it, until it is to be loaded again."""
    preview.streams += 1
    preview.open[path] += 1
    try:
        yield "retry: 400\n\n"
        sent: dict[str, str] = {}
        while not preview.closing:
            news = preview.news()
            facts = {"state": json.dumps(_state(preview), ensure_ascii=False)}
            now = preview.shown.now
            if now is not None:
                if path == CHANGES:
                    stale = shape != str(now.number)
                elif path:
                    current, sheets = seen(now, path, problems=preview.preview)
                    stale = current != shape
                    facts["sheets"] = json.dumps(sheets, ensure_ascii=False)
                else:
                    stale = True
                if stale:
                    yield _event("reload", "")
                    return
            for name, data in facts.items():
                if sent.get(name) != data:
                    sent[name] = data
                    yield _event(name, data)
            try:
                await asyncio.wait_for(news.wait(), BEAT)
            except TimeoutError:
                yield ":\n\n"
    finally:
        preview.streams -= 1
        preview.open[path] -= 1
        if not preview.open[path]:
            del preview.open[path]


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


def _state(preview: Preview) -> dict[str, Any]:
    """The message shown over the pages; empty if there is none."""
    fault = preview.fault()
    if fault is None:
        return {"message": "", "note": "", "id": "", "problems": [], "others": []}
    return {
        "message": fault.message,
        "note": fault.note,
        "id": fault.id,
        "problems": [problem_data(problem) for problem in fault.problems],
        "others": [problem_data(problem) for problem in fault.others],
    }


def problem_data(problem: Problem) -> dict[str, str]:
    return {
        "severity": problem.severity,
        "place": problem.place,
        "message": problem.message,
        "hint": problem.hint,
        "code": problem.code,
    }
