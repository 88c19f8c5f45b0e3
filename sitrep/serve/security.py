"""Which requests are answered: the outermost layer of the preview server.

A preview shows what is not released. The server listens on this machine only, but any page in the browser of the person
running it can send requests here. So a request is answered only when it names this server (DNS rebinding does not),
when no other site made it (except for opening a page by a link), and when its address is plain.

"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
        b" frame-ancestors 'none'",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"x-robots-tag", b"noindex"),
)
"""Headers of every answer. None lets another origin read anything."""

SEARCH = b"/search.html"
"""Suffix of the one address that may run more than this server's scripts: pagefind's WebAssembly."""

LARGEST = 32_768
"""Maximum size of the headers, in bytes."""
LONGEST = 2048
"""Maximum length of an address, in characters."""
_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_HIDDEN = re.compile(rb"%(?:2[eEfF]|5[cC]|[01][0-9A-Fa-f]|7[fF])|[\\\x00-\x20\x7f-\xff]")
"""What no address of a site needs: an encoded dot, slash or control character, and characters that must be encoded."""


class Refused(Exception):
    """A request that is refused: the status, and the reason, in words that repeat nothing of the request."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


class Gate(NamedTuple):
    """Passes on requests that are permitted and well-formed; adds `HEADERS` to every answer."""

    app: ASGIApp
    hosts: frozenset[str]
    """`name:port`, as browsers send it."""
    acting: frozenset[str]
    """Paths that do something, by POST; all others are read-only."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in HEADERS}
                headers = [header for header in message.get("headers", ()) if header[0].lower() not in ours]
                message = {**message, "headers": [*headers, *_sealing(scope["raw_path"])]}
            await send(message)

        try:
            scope = {**scope, "path": self._admitted(scope)}
        except Refused as refused:
            answer = PlainTextResponse(f"{refused.why}\n", refused.status, {"connection": "close"})
            await answer(scope, receive, sealed)
            return
        await self.app(scope, receive, sealed)

    def _admitted(self, scope: Scope) -> str:
        """The path of the request. Raises Refused."""
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if sum(len(name) + len(value) for name, value in headers) > LARGEST:
            raise Refused(431, "The headers are too long.")
        host = _one(headers, b"host")
        if host is None or host.lower() not in self.hosts:
            raise Refused(421, "This is not the server of that name.")
        path = plain(scope["raw_path"], scope["query_string"])
        acts = scope["method"] == "POST"
        if acts != (path in self.acting) or not (acts or scope["method"] in ("GET", "HEAD")):
            raise Refused(405, "That cannot be done here.")
        if _one(headers, b"transfer-encoding") or (_one(headers, b"content-length") or "0") != "0":
            raise Refused(413, "No request here has a body.")
        if "websocket" in (_one(headers, b"upgrade") or "").lower():
            raise Refused(400, "There are no web sockets here.")
        self._from_here(headers, host, acts)
        return path

    def _from_here(self, headers: list[tuple[bytes, bytes]], host: str, acts: bool) -> None:
        """Whether the request was not made by another site's page."""
        origin, site = _one(headers, b"origin"), _one(headers, b"sec-fetch-site")
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            raise Refused(403, "Another site has asked for this.")
        if acts and (origin is None or site not in (None, "same-origin")):
            raise Refused(403, "Only a page of this server may ask for this.")
        opened = _one(headers, b"sec-fetch-mode") == "navigate" and _one(headers, b"sec-fetch-dest") == "document"
        if site not in (None, "same-origin", "none") and not (opened and site in ("same-site", "cross-site")):
            raise Refused(403, "Another site has asked for this.")


def _sealing(path: bytes) -> Iterable[tuple[bytes, bytes]]:
    for name, value in HEADERS:
        if name == b"content-security-policy" and path.endswith(SEARCH):
            value = b"script-src 'self' 'wasm-unsafe-eval'; " + value
        yield name, value


def _one(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a header that may be sent once. Raises Refused when it is repeated."""
    values = [value.decode("latin-1").strip() for key, value in headers if key == name]
    if len(values) > 1:
        raise Refused(400, "A header was sent twice.")
    return values[0] if values else None


def plain(raw: bytes, query: bytes) -> str:
    """The decoded path of an address. Raises Refused when it is ambiguous."""
    if len(raw) + len(query) > LONGEST:
        raise Refused(414, "The address is too long.")
    if not raw.startswith(b"/") or _HIDDEN.search(raw) or _ESCAPE.search(raw):
        raise Refused(400, "The address is not a plain one.")
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(400, "The address is not a plain one.") from None
    parts = path.split("/")[1:]
    if any(part in (".", "..") for part in parts) or "" in parts[:-1] or not path.isprintable():
        raise Refused(400, "The address is not a plain one.")
    return path
