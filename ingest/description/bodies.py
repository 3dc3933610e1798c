"""Lines that are the names of bodies: ministries, agencies, universities, foundations, as letterheads have them."""

from __future__ import annotations

import re
from collections.abc import Container

_BODY_FIRST_WORDS = (
    "kementerian kementrian departemen direktorat badan lembaga dewan komisi pemerintah dinas kepolisian polda polres "
    "yayasan pusat universitas institut fakultas perkumpulan perhimpunan persatuan ikatan asosiasi aliansi koalisi "
    "sekretariat kantor otoritas filantropi mahkamah kejaksaan kedutaan bupati gubernur walikota ministry department "
    "directorate agency bureau council commission committee institute university centre center faculty embassy "
    "inspektorat divisi biro deputi konsorsium federasi detasemen komando keuskupan persekutuan pengurus panitia "
    "secretariat consortium federation"
)
_BODY_LAST_WORDS = (
    "foundation institute university center centre agency commission association network council society organization "
    "organisation alliance ministry bureau secretariat laboratory department office institut universitas assembly unit"
)
_BODY = re.compile(
    rf"^(?:the\s+)?(?:{'|'.join(_BODY_FIRST_WORDS.split())})\b"
    # "Lembaga untuk Masa Depan", "Kepolisian dalam Krisis" are titles.
    r"(?!\s+(?:dan|usaha|untuk|of the|dalam|di|bagi|sebagai|yang|dari|melawan|menghadapi|menuju|in|against)\b)|"
    r"^(?:sekolah (?:tinggi|perdamaian)|satuan tugas|forum (?:koordinasi|kerukunan|komunikasi|muda|pemuda)|"
    r"(?:gugus tugas|kelompok kerja|pondok pesantren|konferensi waligereja|parisada hindu|gerakan pemuda)|"
    r"(?:government|office|school|division|mission|delegation) of|"
    r"(?:task force|working group|coalition|alliance) (?:on|for)|"
    r"(?:permanent mission|high commission(?:er)?)|"
    r"masyarakat (?:anti|peduli|indonesia)|jaringan (?:masyarakat|indonesia|pemuda|perempuan)|majelis (?:ulama|"
    r"permusy)|"
    r"united nations|u\.?s\.? (?:department|geological|government)|national \w+ (?:and \w+ )?agency)\b|"
    rf"\b(?<!civil )(?=(?-i:[A-Z]))(?:{'|'.join(_BODY_LAST_WORDS.split())})(?:\s+(?:indonesia|jakarta|yogyakarta|"
    rf"international))?(?:\s*\([\w\s-]+\))?[.,]?$|"
    # Ministries, states and their missions, in the languages of donors.
    r"^(?:(?:minist(?:ère|erio|ério|erium)|bundesministerium|министерство|consulate|consulado|consulat|konsulat|"
    r"embaixada|embajada|ambassade|botschaft|посольство|república|république|республика|администрация)\b|"
    r"republic of (?:the\b|(?-i:[A-Z])\w+$)|republik indonesia$|российская федерация$|الأمم المتحدة|وزارة|لجنة|مجلس|"
    r"جمهورية)",
    re.IGNORECASE,
)
_IN_TITLES = re.compile(
    r"\b(?:in|from|with|against|between|after|before|inside|within|beyond|towards?|how|why|what|when|who|where|a|an|"
    r"at|by|"
    r"to|on|is|are|di|dari|untuk|pada|ke|dengan|bagi|yang|dalam|antara|melawan|menuju)\b",
    re.IGNORECASE,
)
_NEVER_IN_NAMES = re.compile(
    r"\b(?:yang|sebagai|menghadapi|mencegah|menuju|how|why|what|when|who|is|are)\b", re.IGNORECASE
)
# In letterheads: "INDONESIAN NATIONAL POLICE".
_BODY_IN_CAPITALS = re.compile(
    r"(?!.*\b(?:THE|IN|FROM|WITH|AGAINST|BY|TO|ON|DI|DARI|UNTUK)\b)(?:[A-Z&.'’-]+ ){1,5}"
    r"(?:DIRECTORATE|BOARD|POLICE|COURT|SERVICE|ACADEMY|COLLEGE|SCHOOL|FEDERATION|CONSORTIUM|COALITION|FORUM|FUND|"
    r"TRUST|"
    r"UNION|LEAGUE|CORPS|DEVELOPMENT PROGRAMME)$"
)


def is_organisation(text: str, names: Container[str]) -> bool:
    """Say whether a line is the name of a body: a known one, or one that begins or ends as such names do."""
    if bare_name(text).casefold() in names:
        return True
    words = text.split()
    if not 1 < len(words) <= 12 or text[0].islower() or ":" in text or ";" in text:
        return False
    # "Airlangga University, Faculty of Law"
    for part in (text, text.partition(",")[0].strip()):
        match = _BODY.search(part)
        # "Inside the Network" ends as names of bodies do, but they have no such words.
        if match is not None and (not match.start() or not _IN_TITLES.search(part)):
            return not _NEVER_IN_NAMES.search(part)
    return _BODY_IN_CAPITALS.match(text) is not None


def begins_as_body(text: str) -> bool:
    """Say whether a line, however long, begins as the names of bodies do."""
    match = _BODY.match(text)
    return match is not None and match.start() == 0


def bare_name(text: str) -> str:
    """Return a name without the acronym in parentheses behind it."""
    return re.sub(r"\s*\([^)]*\)\s*$", "", text).strip(" .,;")
