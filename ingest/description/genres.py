"""Lines that say what kind of document stands below them, and nothing else: `LAPORAN AKHIR`, `Policy Brief No. 3`."""

from __future__ import annotations

import re

_GENRES = (
    r"kerangka acuan(?: kerja| kegiatan)?|terms of reference|concept note|catatan konsep|proposal(?: program|"
    r" kegiatan)?|"
    r"rencana (?:kerja|aksi|strategis)|laporan(?: akhir| tahunan| kegiatan| kemajuan| hasil)?|catatan lapangan|"
    r"modul(?: pelatihan)?|panduan|pedoman|buku (?:saku|panduan)|petunjuk (?:teknis|pelaksanaan)|"
    r"standar (?:operasional )?prosedur|kertas kebijakan|risalah kebijakan|ringkasan kebijakan|"
    r"naskah (?:akademik|kebijakan)|"
    r"policy (?:brief|paper|note)|briefing paper|issue brief|position paper|white paper|discussion paper|working paper|"
    r"occasional paper|kertas kerja|(?:annual |final |progress |technical )?report|programme outline|project document|"
    r"work ?plan|action plan|toolkit|handbook|manual|guidelines?|seri risalah|seri \w+|studi kasus|kajian|"
    r"research paper|"
    r"thesis|tesis|disertasi|skripsi|naskah masukan|edisi (?:pertama|kedua|ketiga|revisi)|(?:first|second|third|"
    r"revised) edition"
)
_GENRE = re.compile(
    rf"^(?:\W*(?:\w+[ -]){{0,2}})?(?:{_GENRES})(?:\s+(?:no|nomor|number|series|seri|vol)\b\.?)?\s*[\d./-]*[,:]?\s*$",
    re.IGNORECASE,
)
# These name a kind only where they stand alone.
_MORE_GENRES = (
    r"lembar fakta|fact ?sheet|newsletter|buletin|notulen(?: rapat)?|minutes(?: of (?:the )?meeting)?|memorandum|"
    r"berita acara|siaran pers|press release|laporan (?:singkat|penelitian|pemantauan|kajian|evaluasi|survei|triwulan|"
    r"semester|situasi|kinerja|lapangan|pelaksanaan|perjalanan|pertanggungjawaban)|hasil (?:survei|penelitian|kajian)|"
    r"penelitian|survei|evaluasi|analisis|telaah|tinjauan|makalah|artikel|opini|kurikulum|silabus|buku ajar|booklet|"
    r"brosur|peta jalan|strategi(?: nasional)?|rencana induk|kertas posisi|naskah|daftar periksa|cetak biru|"
    r"(?:situation|inception|evaluation|research|quarterly|monitoring|mission|field|activity|narrative|project|trip|"
    r"semi-?annual|mid-?term|completion|baseline|survey) report|issues? paper|research (?:brief|note)|brief|case study|"
    r"training (?:module|manual|guide)|curriculum|commentary|analysis|assessment|review|strategy|roadmap|road map|"
    r"baseline study|(?:project|grant|programme|research) proposal|logical framework|project description|checklist|"
    r"standard operating procedures?|tool ?kit|field notes|factsheet|good practices?|lessons learned"
)
_PURE_GENRE = re.compile(rf"^(?:{_GENRES}|{_MORE_GENRES})[:]?$", re.IGNORECASE)
# A series in which many documents stand: no part of the title.
_SERIES = re.compile(
    r"^(?:(?:policy|briefing|issues?|position|white|discussion|working|occasional|research) (?:brief|paper|note)|brief|"
    r"issue brief|(?:kertas|risalah|ringkasan) (?:kebijakan|kerja|posisi)|seri \w+|research report|fact ?sheet|"
    r"lembar fakta|newsletter|buletin|commentary|opini|makalah|artikel|siaran pers|press release)\W*$",
    re.IGNORECASE,
)


def names_genre(text: str) -> bool:
    """Say whether a line names a kind of document, with a number or few other words beside it."""
    return _GENRE.match(text) is not None or is_genre(text)


def is_genre(text: str) -> bool:
    """Say whether a line says what kind of document it is, and nothing else."""
    return _PURE_GENRE.match(text) is not None


def is_series(text: str) -> bool:
    """Say whether a line names a kind of which a body issues many, so that it is no part of a title."""
    return _SERIES.match(text) is not None
