"""PDFs for tests, written by hand: pages of text, properties, passwords, and damage of many kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_PERMISSIONS = -44
_IDENTIFIER = b"0123456789abcdef"


@dataclass(slots=True)
class Pdf:
    """A PDF in the making: objects by number. Objects 1 to 3 are catalogue, page tree and font."""

    objects: dict[int, bytes] = field(default_factory=dict)
    trailer: bytes = b""

    def add(self, content: bytes) -> int:
        number = max(self.objects, default=3) + 1
        self.objects[number] = content
        return number

    def add_stream(self, content: bytes, entries: bytes = b"") -> int:
        return self.add(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content))

    def build(self, *, with_table: bool = True) -> bytes:
        """Return the file; without a table, its offsets are lost as after a transfer in text mode."""
        content = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
        offsets: dict[int, int] = {}
        for number, body in sorted(self.objects.items()):
            offsets[number] = len(content) + (0 if with_table else 7)
            content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(content) + (0 if with_table else 7)
        size = max(self.objects) + 1
        content += b"xref\n0 %d\n0000000000 65535 f \n" % size
        for number in range(1, size):
            content += b"%010d 00000 n \n" % offsets.get(number, 0)
        content += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, self.trailer, start)
        return bytes(content)


def pdf(
    pages: Sequence[str | bytes],
    *,
    information: Mapping[str, str] | None = None,
    user_password: str | None = None,
    xmp: str | None = None,
    with_table: bool = True,
) -> bytes:
    """Return a PDF. A page is text, of which each line is drawn below the other, or a content stream as bytes."""
    made = start(pages)
    if xmp is not None:
        number = made.add_stream(xmp.encode(), b"/Type /Metadata /Subtype /XML")
        made.objects[1] = made.objects[1].replace(b">>", b"/Metadata %d 0 R >>" % number)
    if information:
        entries = b" ".join(b"/%s %s" % (key.encode(), _string(value)) for key, value in information.items())
        made.trailer += b" /Info %d 0 R" % made.add(b"<< %s >>" % entries)
    if user_password is not None:
        _encrypt(made, user_password)
    return made.build(with_table=with_table)


def start(pages: Sequence[str | bytes]) -> Pdf:
    """Return a PDF in the making that has these pages."""
    made = Pdf({1: b"<< /Type /Catalog /Pages 2 0 R >>", 3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"})
    numbers = [add_page(made, page) for page in pages]
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    made.objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(numbers))
    return made


def add_page(made: Pdf, page: str | bytes, resources: bytes = b"") -> int:
    """Add a page to a PDF in the making and return its number; the page tree does not know of it yet."""
    content = made.add_stream(page if isinstance(page, bytes) else lines_at(page))
    return made.add(
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
        b"/Resources << /Font << /F1 3 0 R >> %s >> >>" % (content, resources)
    )


def lines_at(text: str, *, left: int = 72, top: int = 770, size: int = 12) -> bytes:
    """Return a content stream that draws lines of text one below the other."""
    drawn = b" ".join(b"(%s) Tj T*" % _escaped(line.encode("latin-1")) for line in text.split("\n"))
    return b"BT /F1 %d Tf %d TL 1 0 0 1 %d %d Tm %s ET" % (size, size + 3, left, top, drawn)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _string(text: str) -> bytes:
    encoded = text.encode("latin-1") if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be")
    return b"<%s>" % encoded.hex().encode()


def _encrypt(made: Pdf, password: str) -> None:
    """Encrypt all streams with RC4 and 40 bits, as PDF 1.1 has it (algorithms 3.1 to 3.4 of the reference)."""
    padded = (password.encode("latin-1") + _PADDING)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    seed = padded + owner + _PERMISSIONS.to_bytes(4, "little", signed=True) + _IDENTIFIER
    key = hashlib.md5(seed).digest()[:5]
    for number, body in made.objects.items():
        head, mark, rest = body.partition(b"stream\n")
        if mark:
            content, end, tail = rest.rpartition(b"\nendstream")
            own = hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0").digest()[:10]
            made.objects[number] = head + mark + _rc4(own, content) + end + tail
    number = made.add(
        b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P %d >>"
        % (owner.hex().encode(), _rc4(key, _PADDING).hex().encode(), _PERMISSIONS)
    )
    identifier = _IDENTIFIER.hex().encode()
    made.trailer += b" /Encrypt %d 0 R /ID [<%s> <%s>]" % (number, identifier, identifier)


def _rc4(key: bytes, content: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
