"""Images are published without their metadata, and look as they did."""

from __future__ import annotations

import base64
import contextlib
import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from sitrep.publish.image_metadata import UnfitImage, may_run, published

SECRET = "Kept Back Name"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def picture(size: tuple[int, int] = (48, 32)) -> Image.Image:
    image = Image.new("RGB", size)
    image.putdata([(x * 5 % 256, y * 7 % 256, (x * y) % 256) for y in range(size[1]) for x in range(size[0])])
    return image


def exif(orientation: int = 1) -> bytes:
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x010E] = SECRET
    return made.tobytes()


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def pixels(data: bytes) -> list[tuple[tuple[int, int], bytes, int]]:
    """Size, pixels and duration of every frame."""
    found = []
    with Image.open(io.BytesIO(data)) as image:
        for n in range(getattr(image, "n_frames", 1)):
            image.seek(n)
            found.append((image.size, image.convert("RGBA").tobytes(), int(image.info.get("duration", 0))))
    return found


def png() -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET)
    text.add_itxt("XML:com.adobe.xmp", SECRET, zip=True)
    return saved(picture(), "PNG", pnginfo=text, exif=exif(), icc_profile=PROFILE, dpi=(72, 72))


def frames() -> list[Image.Image]:
    return [picture(), ImageOps.mirror(picture()), ImageOps.flip(picture())]


XMP = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
MADE = {
    "a.jpg": saved(picture(), "JPEG", exif=exif(), comment=SECRET, xmp=XMP, icc_profile=PROFILE) + SECRET.encode(),
    "progressive.jpg": saved(picture(), "JPEG", exif=exif(), progressive=True, quality=90),
    "cmyk.jpg": saved(picture().convert("CMYK"), "JPEG", comment=SECRET),
    "a.png": png() + SECRET.encode(),
    "palette.png": saved(picture().quantize(16), "PNG", transparency=3),
    "a.gif": saved(picture().quantize(64), "GIF", comment=SECRET),
    "moving.gif": saved(
        frames()[0], "GIF", save_all=True, append_images=frames()[1:], duration=70, loop=3, comment=SECRET
    ),
    "moving.png": saved(frames()[0], "PNG", save_all=True, append_images=frames()[1:], duration=70),
    "a.webp": saved(picture(), "WEBP", lossless=True, exif=exif(), xmp=XMP, icc_profile=PROFILE),
    "lossy.webp": saved(picture(), "WEBP", exif=exif(), xmp=XMP),
    "moving.webp": saved(
        frames()[0], "WEBP", save_all=True, append_images=frames()[1:], duration=70, exif=exif(), xmp=XMP
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_metadata_goes_and_the_pixels_stay(name: str) -> None:
    data = published(name, MADE[name])
    assert SECRET.encode() not in data
    assert pixels(data) == pixels(MADE[name])
    with Image.open(io.BytesIO(data)) as after, Image.open(io.BytesIO(MADE[name])) as before:
        after.load()
        assert not after.getexif()
        assert not {"comment", "xmp", "exif", "Author"} & set(after.info)
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
        assert after.info.get("loop") == before.info.get("loop")
    assert published(name, data) == data


def test_the_content_decides_not_the_name() -> None:
    assert SECRET.encode() not in published("report.pdf", MADE["a.jpg"])


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_lies_on_its_side_is_turned(kind: str, orientation: int) -> None:
    how: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    original = saved(picture(), kind, exif=exif(orientation), **how)
    data = published("x", original)
    assert data == published("x", original)
    assert SECRET.encode() not in data
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(data)) as after:
        upright = ImageOps.exif_transpose(before).convert("RGB")
        assert not after.getexif()
        assert after.size == upright.size
        if kind == "JPEG":
            near = [abs(a - b) for a, b in zip(upright.tobytes(), after.convert("RGB").tobytes(), strict=True)]
            assert sum(near) / len(near) < 4
        else:
            assert after.convert("RGB").tobytes() == upright.tobytes()


def test_the_thumbnail_goes() -> None:
    plain = saved(picture(), "JPEG")
    jfif = b"JFIF\0\1\1\0\0\1\0\1\2\1" + b"\7" * 6
    at = plain.index(b"JFIF\0") - 2
    held = plain[:at] + struct.pack(">H", len(jfif) + 2) + jfif + plain[at + 16 :]
    assert published("a.jpg", held) == published("a.jpg", plain)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.tiff", saved(picture(), "TIFF")),
        ("a.bmp", saved(picture(), "BMP")),
        ("a.ico", saved(picture(), "ICO")),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ("report.pdf", saved(picture(), "TIFF")),
        ("a.png", b"this is no picture"),
        ("a.svgz", zlib.compress(b"<svg/>")),
        ("a.jpg", MADE["a.jpg"][:700]),
        ("a.png", MADE["a.png"][:700]),
        ("a.gif", MADE["a.gif"][:700]),
        ("a.webp", MADE["a.webp"][:700]),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><g></svg>"),
        ("a.svg", b"<html xmlns='http://www.w3.org/1999/xhtml'/>"),
        ("a.svg", b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg xmlns='http://www.w3.org/2000/svg'>&a;</svg>"),
    ],
)
def test_what_cannot_be_stripped_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(UnfitImage):
        published(name, data)


def test_other_files_are_published_byte_for_byte() -> None:
    for name, data in {"a.pdf": b"%PDF-1.7\n\xff\0", "a.csv": b"a,b\r\n", "EMPTY.TXT": b""}.items():
        assert published(name, data) is data
        assert not may_run(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "a.html",
            "a.HTM",
            "a.xhtml",
            "a.xml",
            "a.xsl",
            "a.kml",
            "a.js",
            "a.mjs",
            "a.css",
            "a.wasm",
            "a.swf",
            "a.mht",
        ),
        *("a.php", "a.unheard-of", "a", "pdf", "a.pdf.html", "folder.pdf/a", ".pdf.", "a.pdf\n"),
    ],
)
def test_what_a_browser_might_run_is_known_by_its_name(name: str) -> None:
    assert may_run(name)


@pytest.mark.parametrize("name", MADE)
def test_a_picture_runs_nothing_under_its_own_name_alone(name: str) -> None:
    """Bytes that are a picture and a page at once are a page where the name says so."""
    assert not may_run(name)
    assert may_run(f"{name}.html")


SVG = """<?xml version="1.0" encoding="UTF-8"?>
<!-- Kept Back Name --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<?xml-stylesheet href="http://elsewhere.example/x.css"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:export-filename="/home/Kept Back Name/x.png"
 viewBox="0 0 10 10" onload="alert(1)" xml:lang="en" data-name="Kept Back Name">
<metadata>Kept Back Name</metadata><title>A map &amp; more</title>
<style>/* Kept Back Name */ .a { fill: url(#g) }</style><style>@import "http://elsewhere.example/y.css";</style>
<defs><linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient></defs>
<a xlink:href="javascript:alert(1)"><rect class="a" width="5" height="5" ONCLICK="alert(2)" style="fill: url(#g)"/></a>
<script>alert(3)</script><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">Kept Back Name</p></foreignObject>
<use xlink:href="#g"/><use href="http://elsewhere.example/z.svg#a"/><image href="http://elsewhere.example/p.png"/>
<circle r="1" style="fill: url(http://elsewhere.example/q)" fill="url('#g')"/>
<animate attributeName="href" to="javascript:alert(4)"/><inkscape:x>Kept Back Name</inkscape:x>
</svg>"""


def test_an_svg_keeps_what_draws() -> None:
    made = published("a.svg", SVG.encode()).decode()
    for gone in (SECRET, "elsewhere", "alert", "inkscape", "animate", "DOCTYPE", "onload"):
        assert gone not in made
    for kept in (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" xml:lang="en">',
        "<title>A map &amp; more</title>",
        "<style> .a { fill: url(#g) }</style>",
        '<rect class="a" width="5" height="5" style="fill: url(#g)"></rect>',
        '<use href="#g"></use><use></use><image></image>',
        """<circle r="1" fill="url('#g')"></circle>""",
    ):
        assert kept in made
    assert published("a.svg", made.encode()).decode() == made


def test_a_picture_in_an_svg_is_stripped_too() -> None:
    inline = "data:image/png;base64," + base64.b64encode(MADE["a.png"]).decode()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{inline}"/></svg>'
    made = published("a.svg", svg.encode()).decode()
    assert base64.b64encode(published("a.png", MADE["a.png"])).decode() in made


def test_a_style_in_many_pieces_is_read_whole() -> None:
    filler = "a{}" * 5000
    for n in range(9):
        style = filler + " " * n + "b{fill:url(http://elsewhere.example/)}"
        svg = f'<svg xmlns="http://www.w3.org/2000/svg"><style>{style}</style></svg>'
        assert b"elsewhere" not in published("a.svg", svg.encode())


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([*MADE.values(), SVG.encode(), saved(picture(), "JPEG", exif=exif(6))]), st.data())
def test_damage_is_refused_or_harmless(data: bytes, draw: st.DataObject) -> None:
    hurt = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, min(len(hurt) - 1, 400)))
        hurt[at] = draw.draw(st.integers(0, 255))
    hurt = hurt[: draw.draw(st.integers(len(hurt) // 2, len(hurt)))]
    with contextlib.suppress(UnfitImage):
        published("a.png", bytes(hurt))
