"""From a title in capitals, as laws have them, to one in the capitals of Indonesian and English titles."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Words that stay small within a title (EYD, and the habit of English).
_SMALL_WORDS = (
    "agar akan antara atas atau bagi bahwa dalam dan dari dengan di guna hingga jo ke kepada maka maupun melalui "
    "menjadi menurut oleh pada para per sampai sebagai sebagaimana secara sehingga sejak selama serta supaya "
    "telah tentang terhadap tidak untuk yang "
    "a an and as at but by for from in into of on or the to with "
    "da das de del der des do dos du e el la le les los und van von y"
)
_SMALL = frozenset(_SMALL_WORDS.split())
# Names that are written in capitals, whatever the text around them does.
_ACRONYM_WORDS = (
    "APBD APBN ASEAN ASN BNN BNPB BNPT BPJS BPK BPS BUMD BUMN CEDAW CVE DIY DKI DPD DPR DPRD HAM HIV AIDS ICCPR ILO "
    "IUCN KPK KUHAP KUHP LSM MK MPR NGO NKRI NTB NTT OJK PBB PE PNS POJK PVE RAN RI RUU TNI UN UNDP UNESCO UNODC "
    "UU UUD WHO WTO"
)
_ACRONYMS = frozenset(_ACRONYM_WORDS.split())
_ROMAN = re.compile(r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# In mixed text a word of capitals is an acronym.
_CAPITALS = re.compile(r"\b[A-Z]{2,8}\b")
_SMALL_LETTER = re.compile(r"[a-z]")


def title_case(text: str, acronyms: Iterable[str] = ()) -> str:
    """Return a text of capitals in title case; what is in mixed case already is returned as it is."""
    if not is_in_capitals(text):
        return text
    known = _ACRONYMS.union(acronyms)
    first = True

    def cased(match: re.Match[str]) -> str:
        nonlocal first
        word, at_start = match[0], first
        first = False
        if word in known or (len(word) > 1 and _ROMAN.fullmatch(word)):
            return word
        small = word.lower()
        after_hyphen = text[match.start() - 1 : match.start()] == "-"
        if small in _SMALL and not at_start and not after_hyphen:
            return small
        return small[0].upper() + small[1:]

    return _WORD.sub(cased, text)


def is_in_capitals(text: str) -> bool:
    """Say whether nearly all letters are capitals."""
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and sum(map(str.isupper, letters)) >= 0.85 * len(letters)


def acronyms_in(text: str) -> frozenset[str]:
    """Return the words that stand in capitals on lines that are not, and nowhere in another way."""
    found: set[str] = set()
    for line in text.split("\n"):
        words = _CAPITALS.findall(line)
        if words and len(_SMALL_LETTER.findall(line)) > 0.6 * max(1, sum(map(str.isalpha, line))):
            found.update(words)
    if not found:
        return frozenset()
    small = set(text.split())
    return frozenset(word for word in found if word.capitalize() not in text and word.lower() not in small)
