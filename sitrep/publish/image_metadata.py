"""Images are published without their metadata; their pixels are unchanged.

A JPEG, PNG, GIF or WebP is parsed and reassembled from the parts that make up its picture and colours: EXIF, XMP,
comments, text, thumbnails, unknown parts and bytes after the end are dropped, and nothing is re-encoded, so the bytes
are the same on every machine. One exception: where EXIF says that the picture is rotated, it is turned, and for that
re-encoded, by Pillow. An SVG is rewritten from the elements and attributes that draw, without scripts, foreign content,
comments or the drawing program's own data. Images of any other kind are refused: they are published without metadata or
not at all. Files that are not images are published byte for byte, if their names promise a type that no browser runs.

"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from collections.abc import Callable, Iterator
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr


class UnfitImage(Exception):
    """An image that cannot be published. The message follows the file's name; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "convert it to PNG, JPEG, GIF, WebP or SVG") -> None:
        super().__init__(message)
        self.hint = hint


IMAGES = re.compile(
    r"\.(?:jpe?g|jpe|jfif|png|apng|gif|webp|svgz?|tiff?|bmp|ico|avif|hei[cf]|jxl|jp2|psd|dng|cr2|nef|raw)\Z",
    re.IGNORECASE,
)
"""File names of images."""
INERT = re.compile(
    r"\.(?:pdf|txt|text|log|md|csv|tsv|json|jsonl|geojson|rtf|docx|xlsx|pptx|odt|ods|odp|epub|eml|zip|gz|tgz|7z|kmz|"
    r"mp3|m4a|ogg|oga|opus|flac|wav|mp4|m4v|mov|webm|ogv|vtt|srt)\Z",
    re.IGNORECASE,
)
"""File names of documents, data and recordings that a browser shows or saves without running them as part of the site.
"""
REFUSED = (
    (re.compile(rb"II\*\0|MM\0\*|II\x2b\0|MM\0\x2b"), "TIFF"),
    (re.compile(rb"....ftyp(?:avi[fs]|hei[cfmsx]|hev[cmsx]|mif1|msf1)", re.DOTALL), "HEIF or AVIF"),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "), "JPEG XL"),
    (re.compile(rb"\0\0\0\x0cjP  "), "JPEG 2000"),
    (re.compile(rb"8BPS"), "Photoshop"),
    (re.compile(rb"BM....\0\0\0\0", re.DOTALL), "BMP"),
    (re.compile(rb"\0\0[\1\2]\0"), "ICO"),
)
"""First bytes of image types that browsers do not show or whose metadata this module cannot remove."""


def may_run(name: str) -> bool:
    """Whether a browser might run a file, going by its name as servers do, with the rights of the site.

    This includes HTML, XML, scripts, and anything unknown: the list is of what is allowed.

    """
    return not (IMAGES.search(name) or INERT.search(name))


def published(name: str, data: bytes) -> bytes:
    """The bytes to publish of a file of `content/assets/`. Raises UnfitImage."""
    for begins, stripped in KINDS:
        if begins.match(data):
            try:
                return stripped(data)
            except (IndexError, ValueError):
                raise UnfitImage("is damaged", "save it again") from None
    if name.lower().endswith(".svg"):
        return _svg(data)
    for begins, kind in REFUSED:
        if begins.match(data):
            raise UnfitImage(f"is a {kind} image, whose metadata is not removed here")
    if IMAGES.search(name):
        raise UnfitImage("is not an image of the kind its name says")
    return data


# -- JPEG -------------------------------------------------------------------------------------------------------------

_NEXT_MARKER = re.compile(rb"\xff(?=[\x01-\xcf\xd8-\xfe])")


def _jpeg(data: bytes) -> bytes:
    parts = list(_segments(data))
    if any(marker == 0xE1 and body.startswith(b"Exif\0") for marker, body, _ in parts):
        turned = _upright(data)
        parts = list(_segments(turned)) if turned else parts
    out = [b"\xff\xd8"]
    for marker, body, scan in parts:
        clean = _segment(marker, body)
        if clean is not None:
            out += [bytes((0xFF, marker)), (len(clean) + 2).to_bytes(2, "big"), clean, scan]
    return b"".join([*out, b"\xff\xd9"])


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(marker, body, the coded data that follows it) of each segment between the image's start and its end."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise ValueError
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == 0xD9:
            return
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise ValueError
        body, at = data[at + 2 : at + length], at + length
        scan = b""
        if marker == 0xDA:
            after = _NEXT_MARKER.search(data, at)
            if after is None:
                raise ValueError
            scan, at = data[at : after.start()], after.start()
        yield marker, body, scan


def _segment(marker: int, body: bytes) -> bytes | None:
    """What remains of a segment: application data only as far as the picture's colours depend on it."""
    if marker == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:
        return body[:12] + b"\0\0"  # without the thumbnail
    if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0"):
        return body
    if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        return body[:12]
    return None if marker == 0xFE or 0xE0 <= marker <= 0xFD else body


# -- PNG --------------------------------------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNKS = {
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"bKGD", b"pHYs", b"sBIT", b"acTL", b"fcTL", b"fdAT"),
    *(b"cHRM", b"gAMA", b"iCCP", b"sRGB", b"cICP", b"mDCV", b"cLLI"),
}
"""Chunks of the picture, its frames and its colours."""


def _png(data: bytes) -> bytes:
    if b"eXIf" in data and b"acTL" not in data:
        data = _upright(data) or data
    out = [_PNG]
    at = len(_PNG)
    name = b""
    while name != b"IEND":
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + length + 12
        if end > len(data) or (name not in _CHUNKS and name[:1].isupper()):
            raise ValueError
        if name in _CHUNKS:
            out.append(data[at:end])
        at = end
    return b"".join(out)


# -- GIF --------------------------------------------------------------------------------------------------------------


def _gif(data: bytes) -> bytes:
    def table(flags: int) -> int:
        return 3 << ((flags & 7) + 1) if flags & 0x80 else 0

    def blocks(at: int) -> int:
        while data[at]:
            at += data[at] + 1
        return at + 1

    at = 13 + table(data[10])
    out = [data[:at]]
    control = b""
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at = blocks(at + 10 + table(data[at + 9]) + 1)
            out += [control, data[start:at]]
            control = b""
        elif data[at] == 0x21:
            label, at = data[at + 1], blocks(at + 2)
            if label == 0xF9:
                control = data[start:at]
            elif label == 0x01:
                control = b""
            elif label == 0xFF and data[start + 3 : start + 14] in (b"NETSCAPE2.0", b"ANIMEXTS1.0"):
                out.append(data[start:at])
        else:
            raise ValueError
    if at > len(data):
        raise ValueError
    return b"".join([*out, b";"])


# -- WebP -------------------------------------------------------------------------------------------------------------

_WEBP = {b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}


def _webp(data: bytes) -> bytes:
    if b"EXIF" in data and b"ANIM" not in data:
        data = _upright(data) or data
    end = 8 + int.from_bytes(data[4:8], "little")
    body = b"WEBP" + b"".join(_riff(data, 12, end))
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _riff(data: bytes, at: int, end: int) -> Iterator[bytes]:
    """The remaining chunks, each with its header and padded to an even length."""
    if end > len(data):
        raise ValueError
    while at < end:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > end:
            raise ValueError
        body = data[at + 8 : at + 8 + length]
        if name == b"VP8X":
            body = bytes((body[0] & ~0x0C,)) + body[1:]  # neither EXIF nor XMP
        elif name == b"ANMF":
            body = body[:16] + b"".join(_riff(body, 16, len(body)))
        if name in _WEBP:
            yield name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
        at += 8 + length + length % 2


# -- turning ----------------------------------------------------------------------------------------------------------


def _upright(data: bytes) -> bytes | None:
    """The picture turned as its EXIF says, encoded in its own format and quality; None if it is upright."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for malformed EXIF, which is dropped in any case
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.getexif().get(0x0112, 1) not in range(2, 9):
                    return None
                kind = "JPEG" if image.format == "MPO" else image.format
                how: dict[str, object] = {"format": kind, "icc_profile": image.info.get("icc_profile")}
                if kind == "JPEG":
                    from PIL import JpegImagePlugin

                    how |= {"qtables": image.quantization, "optimize": False}  # type: ignore[attr-defined]
                    if (sampling := JpegImagePlugin.get_sampling(image)) >= 0:
                        how["subsampling"] = sampling
                elif kind == "WEBP":
                    how |= {"lossless": b"VP8L" in data[:64], "quality": 90, "exact": True}
                out = io.BytesIO()
                ImageOps.exif_transpose(image).save(out, **how)  # type: ignore[arg-type]
                return out.getvalue()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise UnfitImage("is too large to be turned upright", "turn it yourself and save it again") from None
    except (OSError, SyntaxError, TypeError):
        raise ValueError from None


# -- SVG --------------------------------------------------------------------------------------------------------------

_SPACE = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_DRAWS = {
    *("svg", "g", "defs", "symbol", "use", "switch", "title", "desc", "style", "image", "path", "rect", "circle"),
    *(
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "textPath",
        "linearGradient",
        "radialGradient",
        "stop",
    ),
    *("pattern", "clipPath", "mask", "marker", "filter"),
}
_UNWRAPPED = {"a"}
_STYLE_BAN = re.compile(r"@|\\|<|expression|url\(\s*[\"']?(?!#|[\"'])", re.IGNORECASE)
_INLINE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def _svg(data: bytes) -> bytes:
    """Rewritten from the elements that draw. Scripts would not run in an `<img>`, but the file has an address of its
    own."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    out: list[str] = []
    open_: list[str] = []
    """The end tag of each open element; the empty string for one that is not written."""
    style: list[str] = []
    dropped = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal dropped
        space, _, local = name.rpartition(" ")
        known = space == _SPACE and (local in _DRAWS or local in _UNWRAPPED or local.startswith("fe"))
        if not open_ and (not known or local != "svg"):
            raise UnfitImage("is not an SVG image")
        if dropped or not known:
            dropped += 1
        elif local in _UNWRAPPED:
            open_.append("")
        else:
            root = f' xmlns="{_SPACE}"' if not open_ else ""
            attributes_kept = (_attribute(local, *pair) for pair in attributes.items())
            out.append(f"<{local}{root}{''.join(attributes_kept)}>")
            open_.append(f"</{local}>")

    def end(name: str) -> None:
        nonlocal dropped
        if dropped:
            dropped -= 1
            return
        if style:
            words = _COMMENT.sub("", "".join(style))
            out.append("" if _STYLE_BAN.search(words) else words)
            style.clear()
        out.append(open_.pop())

    def text(words: str) -> None:
        if not dropped:
            (style if open_ and open_[-1] == "</style>" else out).append(escape(words))

    def entity(*_: object) -> None:
        raise UnfitImage("declares entities", "save it as plain SVG")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = text, entity
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:  # the latter: an unknown encoding
        raise UnfitImage(f"is not well formed: {error}", "save it as plain SVG") from None
    return ("".join(out) + "\n").encode()


def _attribute(element: str, name: str, value: str) -> str:
    """One attribute as written, with a space before it; nothing for one that does not draw."""
    space, _, local = name.rpartition(" ")
    if space == _XML and local in ("space", "lang"):
        return f" xml:{local}={quoteattr(value)}"
    if local == "href" and space in ("", _XLINK):
        value = _target(element, value.strip())
        return f" href={quoteattr(value)}" if value else ""
    lower = local.lower()
    if space or lower.startswith(("on", "data-")) or _STYLE_BAN.search(value):
        return ""
    return f" {local}={quoteattr(value)}"


def _target(element: str, address: str) -> str:
    """A reference within the same file, or an embedded picture without its metadata."""
    if address.startswith("#"):
        return address
    inline = _INLINE.match(address)
    if element not in ("image", "feImage") or not inline:
        return ""
    try:
        picture = published("inline.png", base64.b64decode(address[inline.end() :]))
    except (binascii.Error, UnfitImage):
        return ""
    return inline[0] + base64.b64encode(picture).decode()


KINDS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], bytes]], ...] = (
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(re.escape(_PNG)), _png),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    (
        re.compile(
            rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<(?:\w+:)?svg[\s>]", re.DOTALL
        ),
        _svg,
    ),
)
"""First bytes of an image, and the function that strips it."""
