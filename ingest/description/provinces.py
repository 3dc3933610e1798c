"""Which provinces a document is about: by their names, and by those of regencies and cities, which are rolled up.

A name counts by what stands beside it. *Kabupaten Batang* is a place, *batang* is not; *rendang Padang*, *Sungai
Musi* and *Bali United* are none, and neither is the town where something was enacted, printed or taught. A name that
is also a word (`ambiguous` in regencies.csv) needs *Kabupaten*, *Kota* or another place of its province.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from holdings.model import Evidence, Page
from holdings.vocabularies import Province, Regency, RegencyKind, Vocabularies
from ingest.description.findings import Finding
from ingest.description.spotting import Lexicon, Words, excerpt

_MAX_EVIDENCE = 3


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Before or after a name these say that it is a place, or one that something is done in or for.
_OFFICES = _words(
    "kabupaten kab kota kotamadya kotamadia kotapraja kodya provinsi propinsi prov daerah wilayah gubernur bupati "
    "walikota wali pemprov pemkab pemkot pemerintah polda polres polresta polrestabes kodim korem kodam fkpt fkub "
    "kesbangpol dprd lapas rutan bapas kanwil kecamatan desa warga masyarakat penduduk governor regent mayor province "
    "regency district districts city cities provinces regencies provincial police residents villages communities"
)
_AFTER = _words("province regency district city municipality residents provincial regencies districts cities")
_IN = _words(
    "di dari ke se dalam untuk bagi dan atau serta antara sampai hingga in from to of at near across and for around "
    "between within throughout central"
)
# Before a name these say that it is a dish, a river, a name of a body, a thing, or where something stands.
_NOT_PLACES = _words(
    "rendang nasi sate satay soto mie mi bakso pempek gulai ayam bika bolu lumpia gudeg rujak coto konro sambal "
    "keripik kopi coffee teh salak jeruk pisang mangga apel batik tenun songket masakan rumah restoran warung makan "
    "sungai kali bengawan river rivers selat teluk laut danau gunung mount lake bay strait universitas university "
    "institut politeknik uin iain stain bank hotel jalan jl jln street persib arema psm yayasan universities "
    "majalah koran harian pelabuhan bandara stasiun tari bahasa suku pengadilan deklarasi piagam konferensi kampus "
    "bom foundation kuda sapi perjanjian komunike konvensi convention declaration"
)
_NOT_PLACES_AFTER = _words(
    "united fc post pos ekspres river university coffee sea strait institut institute hotel declaration arabika "
    "robusta arabica lama principles process court courts bombing bombings bomb bombs satay bay lake"
)
# Where these stand a few words before, the place is that of a signature, a printer or an address.
_SIGNED = _words(
    "ditetapkan disahkan disyahkan diundangkan dikeluarkan dicetak diterbitkan ditandatangani dibuat berkedudukan "
    "enacted promulgated ratified published printed issued kedutaan embassy konsulat kantor alamat telp"
)
_MONTHS = _words(
    "januari februari pebruari maret april mei juni juli agustus september oktober november nopember desember january "
    "february march may june july august october december"
)
_BODIES = _words(
    "yayasan lembaga institut institute universitas university forum pusat badan perhimpunan foundation centre center "
    "perkumpulan sekolah"
)
_WITH_OFFICE, _WITH_PREPOSITION, _BARE, _IN_ROW = 2.0, 1.2, 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Place:
    """What a name may stand for: provinces, and by the kind of regency the one that is meant."""

    name: str
    provinces: tuple[str, ...]
    by_kind: tuple[tuple[str, str], ...] = ()
    ambiguous: bool = False
    acronym: bool = False

    def province(self, before: str) -> str | None:
        """Return the province that is meant, by the word before the name; None when it cannot be told."""
        if len(self.provinces) == 1:
            return self.provinces[0]
        kinds = {
            "kabupaten": "kabupaten",
            "kab": "kabupaten",
            "bupati": "kabupaten",
            "kota": "kota",
            "kotamadya": "kota",
        }
        return dict(self.by_kind).get(kinds.get(before, ""))


def place_lexicon(vocabularies: Vocabularies) -> Lexicon[Place]:
    """Return all names of provinces, regencies and cities. The name of a province goes before that of a regency."""
    lexicon: Lexicon[Place] = Lexicon()
    taken: set[str] = set()
    for province in vocabularies.provinces.values():
        for name in (*province.names, *province.places):
            taken.add(_key(name))
            lexicon.add(name, Place(name, (province.id,), acronym=name.isupper() and len(name) < 5))
    regencies: dict[str, list[tuple[str, Regency]]] = defaultdict(list)
    for regency in vocabularies.regencies.values():
        for name in (regency.name, *regency.aliases):
            regencies[_key(name)].append((name, regency))
    for key, named in regencies.items():
        if key in taken:
            continue
        provinces = tuple(dict.fromkeys(regency.province for _, regency in named))
        by_kind = tuple((_kind(regency.kind), regency.province) for _, regency in named)
        ambiguous = any(regency.ambiguous for _, regency in named)
        lexicon.add(key, Place(named[0][0], provinces, by_kind, ambiguous))
    return lexicon


def _key(name: str) -> str:
    return " ".join(Words.of(name).folded)


def _kind(kind: RegencyKind) -> str:
    return "kota" if kind in (RegencyKind.CITY, RegencyKind.ADMINISTRATIVE_CITY) else "kabupaten"


@dataclass(slots=True)
class _Seen:
    """What is kept of a province: the weight of its places, that of names which may be words, and where some stand."""

    weight: float = 0.0
    doubtful: float = 0.0
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(slots=True)
class PlaceCount:
    """What all pages say of places, gathered page by page; there are at most as many entries as provinces."""

    lexicon: Lexicon[Place]
    total: int = 0
    seen: dict[str, _Seen] = field(default_factory=dict)

    def add(self, page: Page, words: Words) -> None:
        """Take a page into account."""
        self.total += len(words)
        on_page: set[str] = set()
        for province, weight, start, end in mentions(self.lexicon, words):
            seen = self.seen.setdefault(province, _Seen())
            if weight <= 0:
                seen.doubtful += _BARE
                continue
            seen.weight += weight
            if province not in on_page and len(seen.evidence) < _MAX_EVIDENCE:
                seen.evidence.append(Evidence(page.number, excerpt(page, words.written[start:end])))
            on_page.add(province)


# A province, the weight of the mention, and the words where it stands: from, to.
Mention = tuple[str, float, int, int]


def mentions(lexicon: Lexicon[Place], words: Words) -> list[Mention]:
    """Return the provinces of the places in a text, with the weight of each: 0 for a name that may be a word."""
    found: list[Mention] = []
    written, folded = words.written, words.folded
    last_end, last_weight, in_row = -9, 0.0, False
    for spot in lexicon.spots(words):
        start, end, place = spot.start, spot.end, spot.value
        first = written[start]
        if not (first.isupper() if place.acronym else first[0].isupper()):
            continue
        before = folded[start - 1] if start else ""
        after = folded[end] if end < len(folded) else ""
        # "Sungai Musi Banyuasin" is no such thing, "Kota Malang" is.
        office = before in _OFFICES or after in _AFTER
        if not office and (before in _NOT_PLACES or after in _NOT_PLACES_AFTER):
            continue
        if not office and not _BODIES.isdisjoint(folded[max(0, start - 3) : start]) and before not in _IN:
            continue
        if _is_signed(folded, start, end):
            continue
        province = place.province(before)
        if province is None:
            continue
        weight = _WITH_OFFICE if office else _WITH_PREPOSITION if before in _IN else _BARE
        if start - last_end <= 1 and last_weight > 0:
            # Of several places in a row each is as sure as the first, and all are surer than one that is named alone.
            if not in_row:
                found[-1] = (found[-1][0], last_weight + _IN_ROW, *found[-1][2:])
            weight = max(weight, last_weight)
            found.append((province, weight + _IN_ROW, start, end))
            last_end, last_weight, in_row = end, weight, True
            continue
        if place.ambiguous and not office:
            weight = 0.0
        last_end, last_weight, in_row = end, weight, False
        found.append((province, weight, start, end))
    return found


def _is_signed(folded: list[str], start: int, end: int) -> bool:
    if not _SIGNED.isdisjoint(folded[max(0, start - 4) : start]):
        return True
    following = folded[end : end + 2]
    # "Jakarta, Maret 2021", "Jakarta, 22 March 2023", "Jakarta 10110".
    if following and following[0] in _MONTHS:
        return True
    if len(following) == 2 and following[0].isdigit() and following[1] in _MONTHS:
        return True
    return bool(following) and following[0].isdigit() and len(following[0]) == 5


@dataclass(frozen=True, slots=True)
class ProvinceFound:
    """A province with how sure it is and why."""

    province: str
    confidence: float
    evidence: tuple[Evidence, ...]


# Of all mentions of places, the part that a province must have, and what its mentions must weigh for the length.
_SHARE = 0.15
_ENOUGH = 1.5
_PER_WORDS = 2_500
_MANY = 9
_CLEAR_SHARE = 0.4
_IN_TITLE = 0.95


def provinces_of(
    count: PlaceCount,
    title: Finding | None,
    dated: str | None,
    provinces: Mapping[str, Province],
    *,
    regulation: bool,
) -> list[ProvinceFound]:
    """Return the provinces that a document is about, as they were on its date, the surest first."""
    in_title = _in_title(count, title)
    chosen = dict.fromkeys(in_title, _IN_TITLE)
    if not (regulation and in_title):
        for province, confidence in _often_named(count, in_title, regulation=regulation):
            chosen.setdefault(province, confidence)
    day = last_day(dated)
    found: dict[str, ProvinceFound] = {}
    for province, confidence in chosen.items():
        then = province_on(province, day, provinces)
        evidence = tuple(count.seen[province].evidence) if province in count.seen else ()
        if title is not None and title.words and province in in_title:
            evidence = (Evidence(title.page, title.words), *evidence)
        if then in found:
            confidence = max(confidence, found[then].confidence)
            evidence = (*found[then].evidence, *evidence)
        found[then] = ProvinceFound(then, confidence, tuple(dict.fromkeys(evidence))[:_MAX_EVIDENCE])
    return sorted(found.values(), key=lambda one: -one.confidence)


def _in_title(count: PlaceCount, title: Finding | None) -> set[str]:
    """Return the provinces of the places in the title, and of names that may be words where others are of it too."""
    return {
        province
        for province, weight, _, _ in mentions(count.lexicon, Words.of(title.value if title is not None else ""))
        if weight > 0 or (province in count.seen and count.seen[province].weight > 0)
    }


def _often_named(count: PlaceCount, in_title: set[str], *, regulation: bool) -> Iterator[tuple[str, float]]:
    """Yield the provinces whose places are named often enough for the length, each with how sure it is.

    A document that names places of many provinces is about none of them, unless one stands out; so is a law, and one
    whose title has named others.
    """
    weights = {
        province: seen.weight + seen.doubtful
        for province, seen in count.seen.items()
        if seen.weight or province in in_title
    }
    total = sum(weights.values())
    needed = _ENOUGH * max(1.0, count.total / _PER_WORDS)
    for province, weight in weights.items():
        share = weight / total if total else 0.0
        among_many = len(weights) >= _MANY or (in_title and len(weights) > 1)
        if regulation or weight < needed or share < (_CLEAR_SHARE if among_many else _SHARE):
            continue
        yield province, round(min(0.9, 0.7 + 0.1 * weight / needed * share), 2)


def last_day(dated: str | None) -> date | None:
    """Return the last day that a date of a year, a month or a day may mean."""
    if not dated:
        return None
    parts = [int(part) for part in dated.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, 28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31)


def province_on(province: str, day: date | None, provinces: Mapping[str, Province]) -> str:
    """Return the province that a place of today's `province` was part of on a day; today's when there is no day."""
    while day is not None and not provinces[province].existed_on(day):
        before = provinces[province].split_from
        if before is None:
            break
        province = before
    return province
