"""Places in a text that look like personal data: numbers of identity, tax, telephone and bank accounts, and addresses.

Rules on the form of numbers and on the words before them, nothing learnt. They warn a contributor, who decides. What
has no such form (a name, where somebody lives, an illness) is not found. Each rule starts at a place once and looks at
a bounded stretch from there, so that the time grows with the length of the text alone, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from holdings.personal_data import FoundPlace, Kind
from holdings.vocabularies import load_vocabularies
from indexer.hub import Hub


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text, `end` exclusive."""

    kind: Kind
    start: int
    end: int


# A number does not begin within a word or another number, nor behind the sign of a hashtag or an account.
_BEFORE = r"(?<![\w#@])(?<!\d[.,:/–-])"
_AFTER = r"(?!\w|[.,/]\d)"
_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[A-Za-z]{2,24})\b", re.ASCII)
_NIK = re.compile(
    _BEFORE
    + r"(?:\d{16}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{6}([ .-])\d{6}\2\d{4}|\d\d\.\d\d\.\d\d\.\d{6}\.\d{4})"
    + _AFTER
)
_NPWP = re.compile(_BEFORE + r"(?:\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}|\d{15,16})" + _AFTER)
_MOBILE = re.compile(_BEFORE + r"(\(?\+?62\)?[ .-]?(?:\(0\) ?)?|\(?0)(8\)?(?:[ .-]?\d\)?){7,11})" + _AFTER)
_MOBILE_PREFIX = re.compile(r"8(?:1\d|2[1-3]|3[1238]|5[1-9]|7[78]|8[1-9]|9[5-9])")
_LANDLINE = re.compile(
    _BEFORE
    + r"(?:\(?\+?62\)?[ .-]?\(?(?:\(0\) ?|0)?|\(0|0)[2-7]\d{1,2}(?:\)[ .-]?|[ .-])\d{3,8}(?:[ .-]?\d{3,4})?"
    + _AFTER
)
_NUMBER = re.compile(_BEFORE + r"\d(?:[ .-]?\d){7,17}" + _AFTER)

_NPWP_WORD = re.compile(r"\bnpwp\b|\bnomor pokok wajib pajak\b", re.IGNORECASE)
_LINE_WORD = re.compile(r"\b(?:telp|tlp|telepon|tel|phone|telephone|fax|faks|faksimile|hotline)\b", re.IGNORECASE)
_ACCOUNT_WORD = re.compile(
    r"(?<!kode )\b(?:rekening|rek|norek|account (?:no|number)|a/c)\b(?! (?:belanja|anggaran))", re.IGNORECASE
)
_BANK = re.compile(r"\b(?:[Bb]ank|BANK|BRI|BNI|BCA|BSI|BTN|BTPN|Mandiri|MANDIRI|CIMB|Danamon|Muamalat|BJB|bjb)\b")
_NO_ACCOUNT = re.compile(r"\b(?:rp|idr|usd|isbn|issn|doi|kode|tahun|nomor sk|perkara)\b", re.IGNORECASE)
_YEARS = re.compile(r"(?:19|20)\d\d[ .-]?(?:19|20)\d\d")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")

# How far before a number the word may stand that says what it is.
_REACH = 40
# How mailboxes are called that are not one person's.
_OFFICE_MAILBOXES = frozenset(
    {
        *("admin", "administrasi", "bidang", "biro", "contact", "dinas", "enquiries", "enquiry", "hello", "helpdesk"),
        *(
            "humas",
            "info",
            "informasi",
            "inquiry",
            "kantor",
            "kontak",
            "layanan",
            "library",
            "mail",
            "media",
            "noreply",
        ),
        *("office", "pengaduan", "permissions", "perpustakaan", "persuratan", "ppid", "press", "publications"),
        *("publikasi", "pusat", "redaksi", "registry", "reply", "secretariat", "sekjen", "sekretariat", "services"),
        *("subscriptions", "support", "tatausaha", "webmaster"),
    }
)


def find(text: str) -> list[Place]:
    """Return the places in a text that look like personal data, in its order; none overlaps another."""
    rules = (_emails, _tax_numbers, _identity_numbers, _mobiles, _landlines, _accounts)
    # Of two at one place the earlier rule has it.
    candidates = sorted((place for rule in rules for place in rule(text)), key=lambda place: place.start)
    found: list[Place] = []
    for place in candidates:
        if not found or place.start >= found[-1].end:
            found.append(place)
    return found


def find_in(hub: Hub, text_sha256: str) -> list[FoundPlace]:
    """Return the places in a text of the file store, with the pages that they are on."""
    return [
        FoundPlace(place.kind, page.number, place.start, place.end)
        for page in hub.files.pages(text_sha256)
        for place in find(page.text)
    ]


def _emails(text: str) -> Iterator[Place]:
    for match in _EMAIL.finditer(text) if "@" in text else ():
        mailbox = match[0].partition("@")[0].lower()
        names = {mailbox, *re.split(r"[._+-]", mailbox)}
        host = set(match[1].lower().split("."))
        is_office = not names.isdisjoint(_OFFICE_MAILBOXES) or mailbox in host
        yield Place(Kind.OFFICE_EMAIL if is_office else Kind.EMAIL, *match.span())


def _tax_numbers(text: str) -> Iterator[Place]:
    for match in _NPWP.finditer(text):
        # Without its punctuation it is a number like any other, unless a word says what it is.
        if "." in match[0] or _NPWP_WORD.search(_words_before(text, match.start())):
            yield Place(Kind.NPWP, *match.span())


def _identity_numbers(text: str) -> Iterator[Place]:
    """Yield numbers that are built as a NIK is: where it was issued, the day of birth (40 more for women), a serial.

    The number of a family card is built likewise. The rule is that of Permendagri 19/2018 and its forerunners.
    """
    for match in _NIK.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        day, month = int(digits[6:8]), int(digits[8:10])
        is_day = 1 <= day <= 31 or 41 <= day <= 71
        if is_day and 1 <= month <= 12 and digits[4:6] != "00" and digits[12:] != "0000" and _is_place(digits[:4]):
            yield Place(Kind.NIK, *match.span())


@cache
def _codes() -> tuple[frozenset[str], frozenset[str]]:
    """Return the codes of regencies, and of provinces of which others were split off: the codes that their regencies
    had before are still on the cards of those born there."""
    vocabularies = load_vocabularies()
    regencies = frozenset(code.replace(".", "") for code in vocabularies.regencies)
    return regencies, frozenset(p.split_from for p in vocabularies.provinces.values() if p.split_from)


def _is_place(code: str) -> bool:
    regencies, split = _codes()
    return code in regencies or (code[:2] in split and (1 <= int(code[2:]) <= 40 or 71 <= int(code[2:]) <= 79))


def _mobiles(text: str) -> Iterator[Place]:
    for match in _MOBILE.finditer(text):
        digits = re.sub(r"\D", "", match[2])
        first, *others = re.split(r"[ .-]", match[2])
        # Not a date such as 08-12-2019: its parts are too short.
        parted = len(first) >= 2 and all(len(part) >= 2 for part in others) and len(others) <= 4
        if parted and 9 <= len(digits) <= 12 and _MOBILE_PREFIX.match(digits):
            yield Place(Kind.PHONE, *match.span())


def _landlines(text: str) -> Iterator[Place]:
    for match in _LANDLINE.finditer(text):
        digits = re.sub(r"\D", "", match[0]).removeprefix("62").lstrip("0")
        said = "+62" in match[0] or "(" in match[0] or _LINE_WORD.search(_words_before(text, match.start()))
        if said and 8 <= len(digits) <= 11:
            yield Place(Kind.LANDLINE, *match.span())


def _accounts(text: str) -> Iterator[Place]:
    """Yield numbers before which a word stands that tells of a bank account, or the name of a bank."""
    for match in _NUMBER.finditer(text):
        number, before = match[0], _words_before(text, match.start())
        if _YEARS.match(number) or _THOUSANDS.fullmatch(number) or _NO_ACCOUNT.search(before[-20:]):
            continue
        by_bank = _BANK.search(before) and sum(sign.isdigit() for sign in number) >= 10
        if _ACCOUNT_WORD.search(before) or by_bank:
            yield Place(Kind.BANK_ACCOUNT, *match.span())


def _words_before(text: str, start: int) -> str:
    return text[max(0, start - _REACH) : start]
