"""Small real files, made on the fly: text, tables, pictures and one-page PDFs."""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

ARTICLES = ("Merlin 2 tent", "Hobby 1 tarp", "Lanner backpack 40", "Saker quilt", "Eyas child carrier")
SENTENCES = (
    "Seam strength is within limits on all ten samples.",
    "The second roll arrived with a water stain and was set aside.",
    "Delivery moves to Thursday; the carrier has been told.",
    "Zippers from the new batch run stiff below five degrees.",
    "Colour 314 is closer to moss than to the sample card.",
    "Please confirm the quantities before Friday noon.",
    "The poles passed the wind test at 90 km/h.",
    "We keep the price from spring until the end of the quarter.",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A file that somebody needs."""

    name: str
    at: datetime
    random: Random


def make(path: str, at: datetime, random: Random) -> bytes:
    """The content of a file of this name, written at this time."""
    name = path.rpartition("/")[2]
    return MAKERS.get(name.rpartition(".")[2], _text)(Wish(name, at, random))


def _text(wish: Wish) -> bytes:
    lines = wish.random.sample(SENTENCES, k=wish.random.randint(3, len(SENTENCES)))
    return "\n".join([wish.name, f"{wish.at:%Y-%m-%d}", "", *lines, ""]).encode()


def _table(wish: Wish) -> bytes:
    rows = (_row(wish.at, wish.random) for _ in range(wish.random.randint(20, 120)))
    return "\n".join(["date,number,article,quantity,price", *rows, ""]).encode()


def _row(at: datetime, random: Random) -> str:
    number, quantity = random.randint(10_000, 99_999), random.randint(1, 240)
    price = random.randint(900, 59_900) / 100
    return f"{at:%Y-%m-%d},{number},{random.choice(ARTICLES)},{quantity},{price:.2f}"


def _picture(wish: Wish) -> bytes:
    """A PNG: a sky that fades into a hill."""
    width, height = 240, 160
    red, green, blue = (wish.random.randint(60, 200) for _ in range(3))
    rows = b"".join(
        b"\0" + bytes((min(255, red + y // 3), min(255, green + y // 4), max(0, blue - y // 2))) * width
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_part(kind, data) for kind, data in parts)


def _png_part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _page(wish: Wish) -> bytes:
    """A PDF of one page with a few lines of text."""
    lines = [wish.name, f"{wish.at:%d %B %Y}", "", *wish.random.sample(SENTENCES, k=3)]
    shown = " ".join(f"({_pdf_text(line)}) ' " for line in lines)
    stream = f"BT /F1 12 Tf 16 TL 72 760 Td {shown} ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    )
    return _pdf(objects)


def _pdf_text(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _pdf(objects: tuple[bytes, ...]) -> bytes:
    body = b"%PDF-1.4\n"
    places: list[int] = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    count = len(objects) + 1
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n" % count + table + tail


MAKERS: dict[str, Callable[[Wish], bytes]] = {
    "csv": _table,
    "png": _picture,
    "pdf": _page,
}
