"""The preview shows what is not released: nobody but whoever runs it may see it, whatever they send."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from projects import CONFIG, GOOD, write
from served import Served, serving
from sitrep.serve.app import STREAMS

SECRET = "Nightjar"
"""In every file that must not leave, and in the preview's pages."""
FILES = GOOD | {
    "content/articles/red.md": f"{SECRET} was there.\n",
    "content/articles/red.yaml": f"title: {SECRET}\nsource: wire\npublished: 2024-01-03\nmarking: TLP:RED\n",
    "secret.txt": SECRET,
    ".env": SECRET,
}
PAGE = "/site/articles/red.html"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = write(
        tmp_path_factory.mktemp("project").resolve(), FILES, config=CONFIG + "url: https://user.example/site/\n"
    )
    (root.parent / "secret.txt").write_text(SECRET)
    with serving(root) as running:
        (folder,) = (root / ".sitrep/serve").glob("*/preview")
        (folder / "link.txt").symlink_to(root / "secret.txt")
        (folder / "up").symlink_to(root)
        yield running


class Hostile(NamedTuple):
    """A request as bytes; `PORT` stands for the server's."""

    name: str
    lines: tuple[str, ...]

    def sent(self, port: int) -> bytes:
        head = "\r\n".join((*self.lines, "Connection: close", "", ""))
        return head.replace("PORT", str(port)).encode("latin-1")


HOST = "Host: 127.0.0.1:PORT"


def hosts() -> Iterator[Hostile]:
    """Names that were made to point here, and headers that say two things."""
    names = """
        evil.example evil.example:PORT 127.0.0.1 localhost 127.0.0.1:1 localhost:80 127.0.0.2:PORT 0.0.0.0:PORT 0:PORT
        [::1]:PORT [::ffff:127.0.0.1]:PORT 127.1:PORT 2130706433:PORT 0x7f000001:PORT 0177.0.0.1:PORT
        localhost.:PORT 127.0.0.1.:PORT localhost.evil.example:PORT 127.0.0.1.nip.io:PORT evil.localhost:PORT
        localhost@evil.example:PORT evil.example@localhost:PORT 127.0.0.1:PORT@evil.example 127.0.0.1:PORT:PORT
        127.0.0.1:PORT, 127.0.0.1:0PORT 127.0.0.1:+PORT 127.0.0.1:PORT/ 127.0.0.1:PORT#a 127.0.0.1:PORT?a
        http://127.0.0.1:PORT user.example xn--lcalhost-54a:PORT localhost:PORT.evil.example * null
    """
    for name in (*names.split(), "", "127.0.0.1:PORT evil.example", "127.0.0.1 :PORT"):
        yield Hostile(f"host {name}", (f"GET {PAGE} HTTP/1.1", f"Host: {name}"))
    yield Hostile("no host", (f"GET {PAGE} HTTP/1.1",))
    yield Hostile("no host, 1.0", (f"GET {PAGE} HTTP/1.0",))
    yield Hostile("no version", (f"GET {PAGE}",))
    yield Hostile("two hosts", (f"GET {PAGE} HTTP/1.1", HOST, "Host: evil.example"))
    yield Hostile("two hosts, ours last", (f"GET {PAGE} HTTP/1.1", "Host: evil.example", HOST))
    yield Hostile("the same host twice", (f"GET {PAGE} HTTP/1.1", HOST, HOST))
    for header in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host", "X-HTTP-Host-Override"):
        value = "host=127.0.0.1:PORT" if header == "Forwarded" else "127.0.0.1:PORT"
        yield Hostile(f"{header} says ours", (f"GET {PAGE} HTTP/1.1", "Host: evil.example", f"{header}: {value}"))
    for target in ("http://evil.example", "http://127.0.0.1:PORT", "https://user.example", "ftp://x", "file://"):
        yield Hostile(f"whole address {target}", (f"GET {target}{PAGE} HTTP/1.1", HOST))


def paths() -> Iterator[Hostile]:
    """Ways out of the folder, and ways to say a path that a check could miss."""
    ups = [
        "../", "..%2f", "..%2F", "%2e%2e/", "%2E%2E/", "%2e%2e%2f", ".%2e/", "%2e./", "..%5c", "..\\", "%2e%2e%5c",
        "..%252f", "%252e%252e%252f", "%252e%252e/", "..%c0%af", "%c0%ae%c0%ae/", "%c0%2e%c0%2e/", "..%e0%80%af",
        "..%u2215", "%u002e%u002e/", "..;/", ".;./", "....//", "..././", "...//", "%ef%bc%8e%ef%bc%8e/",
        "..%ef%bc%8f", "..%e2%88%95", "..%00/", "%00../", "..%0d/", "..%0a/", "..%09/", "..%20/", "./../", "//../",
        ".%00./", "..%01/", "%uff0e%uff0e/", "..%255c", "%25%32%65%25%32%65/",
    ]  # fmt: skip
    for up in ups:
        for start in ("/", "/site/", "/site/articles/"):
            yield Hostile(f"{start}{up}", (f"GET {start}{up * 6}secret.txt HTTP/1.1", HOST))
    others = """
        /etc/passwd //etc/passwd /site//etc/passwd /site//articles/red.html //site/articles/red.html
        /site/articles%2fred.html /site/articles%2Fred.html /site/articles%5cred.html /site/articles\\red.html
        /site/./articles/red.html /site/articles/../articles/red.html /site/articles/red.html%00
        /site/articles/red.html%00.txt
        /site/articles/red.html/ /site/articles/red.html%20 /site/articles/red.html. /site/articles/red.html::$DATA
        /site/articles/red.html;a /site/articles/red.htm%6 /site/articles/red.html% /site/articles/red%zzhtml
        /site/link.txt /site/up/secret.txt /site/up/content/articles/red.md /site/.sitrep-manifest.json
        /site/.sitrep-tmp/ /site/../.env /.env /site/.env /.git/config /site/.git/HEAD /config.yaml /site/config.yaml
        /content/articles/red.md /site/content/articles/red.md /.sitrep/serve/1/preview/articles/red.html
        /site/preview/articles/red.html /preview/articles/red.html /SITE/articles/red.html /site/ARTICLES/red.html
        /site/articles/RED.html /site/articles/red.HTML /Site/ /site2/articles/red.html /sit%65/..%2farticles/red.html
        C:/secret.txt /C:/secret.txt /site/C:%5csecret.txt /site/file:///etc/passwd /proc/self/environ /site/%7e/ * a
        /site/articles/red.html%0d%0aSet-Cookie:a=b /_live.js/../../secret.txt /_live.js%00 /_changes/ /_changes/../
        /_state/.. /_nothing /static/secret.txt /site/%ff%fe /site/%80 /site/%f0%28%8c%28
        /%2f%2fevil.example /%5cevil.example
    """
    for path in others.split():
        yield Hostile(f"path {path}", (f"GET {path} HTTP/1.1", HOST))
    yield Hostile("a long path", (f"GET /site/{'a' * 5000} HTTP/1.1", HOST))
    yield Hostile("a long query", (f"GET {PAGE}?{'a' * 5000} HTTP/1.1", HOST))
    yield Hostile("a very long path", (f"GET /{'a/' * 60000} HTTP/1.1", HOST))
    yield Hostile("a deep path", (f"GET /site{'/a' * 900}/../red.html HTTP/1.1", HOST))
    yield Hostile("raw bytes", ("GET /site/\xff\xfe HTTP/1.1", HOST))
    yield Hostile("a blank in the path", ("GET /site/articles/red.html secret HTTP/1.1", HOST))
    yield Hostile("a control character", ("GET /site/\x01 HTTP/1.1", HOST))


def others() -> Iterator[Hostile]:
    """What other sites can make a browser send."""
    get = f"GET {PAGE} HTTP/1.1"
    for origin in (
        "http://evil.example", "https://127.0.0.1:PORT", "null", "http://127.0.0.1", "http://localhost:PORT",
        "http://127.0.0.1:PORT.evil.example", "http://127.0.0.1:PORT/", "file://", "http://127.0.0.1:1", "",
        "chrome-extension://abc", "http://user@127.0.0.1:PORT", "http://127.0.0.1:PORT http://evil.example",
    ):  # fmt: skip
        yield Hostile(f"read for {origin}", (get, HOST, f"Origin: {origin}"))
        yield Hostile(f"act for {origin}", ("POST /_rebuild HTTP/1.1", HOST, f"Origin: {origin}"))
    for path in (
        PAGE,
        "/_state",
        "/_events?path=articles/red.html",
        "/_changes",
        "/_live.js",
        "/site/articles/red.json",
    ):
        for site in ("cross-site", "same-site"):
            for mode, dest in (("no-cors", "script"), ("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe")):
                lines = (f"Sec-Fetch-Site: {site}", f"Sec-Fetch-Mode: {mode}", f"Sec-Fetch-Dest: {dest}")
                yield Hostile(f"{path} {site} {mode} {dest}", (f"GET {path} HTTP/1.1", HOST, *lines))
    for value in ("Cross-Site", "none, cross-site", "other", "", "same-origin, cross-site"):
        yield Hostile(f"made-up site {value}", (get, HOST, f"Sec-Fetch-Site: {value}"))
    yield Hostile("two sites", (get, HOST, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"))
    yield Hostile("two origins", (get, HOST, "Origin: http://127.0.0.1:PORT", "Origin: http://evil.example"))
    post, ours = "POST /_rebuild HTTP/1.1", "Origin: http://127.0.0.1:PORT"
    yield Hostile("act, no origin", (post, HOST))
    for site in ("cross-site", "same-site", "none", "navigate"):
        yield Hostile(f"act, {site}", (post, HOST, ours, f"Sec-Fetch-Site: {site}"))
    yield Hostile(
        "act, opened",
        (post, HOST, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
    )
    yield Hostile("act, other name", (post, "Host: localhost:PORT", ours))
    yield Hostile("act by reading", ("GET /_rebuild HTTP/1.1", HOST, ours))
    yield Hostile("act by asking for the head", ("HEAD /_rebuild HTTP/1.1", HOST, ours))
    yield Hostile("act, overridden", ("GET /_rebuild HTTP/1.1", HOST, ours, "X-HTTP-Method-Override: POST"))
    yield Hostile("act, with a body", (post, HOST, ours, "Content-Length: 5"))
    yield Hostile("act, with chunks", (post, HOST, ours, "Transfer-Encoding: chunked"))
    yield Hostile("act, both lengths", (post, HOST, ours, "Content-Length: 0", "Transfer-Encoding: chunked"))
    yield Hostile("act, a length that is none", (post, HOST, ours, "Content-Length: -1"))
    for method in ("OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "POST", "get", "G%45T"):
        yield Hostile(f"{method} a page", (f"{method} {PAGE} HTTP/1.1", HOST, ours))
    for method in ("OPTIONS", "PUT", "DELETE"):
        yield Hostile(f"{method} to act", (f"{method} /_rebuild HTTP/1.1", HOST, ours))
    yield Hostile(
        "before a request",
        ("OPTIONS /_state HTTP/1.1", HOST, "Origin: http://evil.example", "Access-Control-Request-Method: GET"),
    )
    yield Hostile("private network", ("OPTIONS /_state HTTP/1.1", HOST, "Access-Control-Request-Private-Network: true"))
    yield Hostile("options of all", ("OPTIONS * HTTP/1.1", HOST))
    yield Hostile(
        "a web socket",
        ("GET /_events HTTP/1.1", HOST, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x"),
    )
    yield Hostile("two lengths", (get, HOST, "Content-Length: 0", "Content-Length: 5"))
    yield Hostile("a request in a body", (get, HOST, "Content-Length: 40"))
    yield Hostile("a header without a name", (get, HOST, ": x"))
    yield Hostile("a folded header", (get, HOST, "X: a\r\n b: c", "Content-Length: 3"))
    yield Hostile("a huge header", (get, HOST, f"X: {'a' * 100_000}"))
    yield Hostile("HTTP/2 at once", ("PRI * HTTP/2.0",))
    yield Hostile("another protocol", ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",))


MATRIX = [*hosts(), *paths(), *others()]


def test_the_matrix_is_large_and_says_nothing_twice() -> None:
    assert len({hostile.lines for hostile in MATRIX}) == len(MATRIX)
    assert len(MATRIX) >= 150


@pytest.mark.parametrize("part", range(8))
def test_hostile_requests_are_refused_and_nothing_leaks(served: Served, part: int) -> None:
    before = served.settled(seconds=0.3)
    for hostile in MATRIX[part::8]:
        answer = served.raw(hostile.sent(served.port))
        head, _, body = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ")[1]) if head else 0
        assert status == 0 or 400 <= status < 500, f"{hostile.name}: {status}"
        for word in (SECRET.encode(), b"root:", b"Traceback", b"/tmp/", b"PATH="):
            assert word not in answer, f"{hostile.name}: {word!r} is in the answer"
        lower = head.lower()
        for word in (b"access-control-", b"set-cookie", b"\r\nlocation:", b"\r\nserver:"):
            assert word not in lower, f"{hostile.name}: {word!r}"
        assert len(body) < 20_000, hostile.name
    assert served.state()["builds"] == before
    assert served.get(PAGE).status == 200


def test_what_is_asked_rightly_is_answered(served: Served) -> None:
    """The matrix proves something only if the same requests, without what is wrong with them, succeed."""
    for lines in (
        (HOST,),
        ("Host: localhost:PORT",),
        ("Host: LOCALHOST:PORT",),
        (HOST, "Origin: http://127.0.0.1:PORT"),
        (HOST, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"),
        (HOST, "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
        (HOST, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
        (HOST, "Content-Length: 0"),
    ):
        answer = served.raw(Hostile("", (f"GET {PAGE} HTTP/1.1", *lines)).sent(served.port))
        assert answer.startswith(b"HTTP/1.1 200"), lines
        assert SECRET.encode() in answer
    lines = ("POST /_rebuild HTTP/1.1", HOST, "Origin: http://127.0.0.1:PORT", "Sec-Fetch-Site: same-origin")
    assert served.raw(Hostile("", lines).sent(served.port)).startswith(b"HTTP/1.1 202")
    served.settled()


def test_reading_does_nothing(served: Served, tmp_path: Path) -> None:
    before = served.settled(seconds=0.3)
    for path in ("/", PAGE, "/site/", "/_state", "/_live.js", "/site/none.html", "/site/articles/red.json"):
        served.get(path)
        served.get(path, "HEAD")
    assert served.settled(seconds=0.3) == before


def test_the_search_page_alone_may_run_webassembly(served: Served) -> None:
    policy = served.get("/site/search.html").headers["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "default-src 'self'" in policy


def test_every_answer_is_sealed(served: Served) -> None:
    for path in ("/", PAGE, "/site/articles/red.json", "/site/none.html", "/_state", "/_live.js", "/_changes", "/%2e"):
        headers = served.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert not [name for name in headers if name.startswith("access-control-")]


def test_streams_are_few(served: Served) -> None:
    """Whoever opens streams without end keeps nobody from the pages."""
    shape = re.findall(r'data-shape="(\w+)"', served.get(PAGE).text)[0]
    connections = [http.client.HTTPConnection("127.0.0.1", served.port, timeout=20) for _ in range(80)]
    try:
        statuses = []
        for connection in connections:
            connection.request("GET", f"/_events?path=articles/red.html&shape={shape}")
            statuses.append(connection.getresponse().status)
        assert set(statuses) == {200, 503}
        assert abs(statuses.count(200) - STREAMS) <= 2
        assert served.get(PAGE).status == 200
    finally:
        for connection in connections:
            connection.close()
