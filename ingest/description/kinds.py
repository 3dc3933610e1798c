"""What kind of document it is: by the words of its head and title, and by how it is built."""

from __future__ import annotations

import re
from collections.abc import Sequence

from holdings.model import Page
from ingest.description.authors import is_person
from ingest.description.cover import Line, Role, title_blocks
from ingest.description.findings import Finding, found
from ingest.description.regulations import Regulation
from ingest.description.statutes import enactment_in

OTHER = "other"
# Words of titles and heads, in the order in which they decide where several stand: `Laporan Penelitian` is research.
_NAMES = {
    "policy-paper": (
        r"kertas (?:kebijakan|posisi)|(?:risalah|ringkasan|naskah|makalah|catatan) kebijakan|naskah akademik|"
        r"naskah masukan|"
        r"policy (?:brief|paper|note|memo)|briefing paper|(?:position|white|issues?|discussion) paper|"
        r"issue brief|seri risalah|"
        r"rekomendasi (?:kebijakan|bagi|untuk)|policy (?:options|recommendations)|saran bagi|masukan (?:atas|"
        r"bagi|untuk)|"
        r"the case for|options for|kertas posisi|policy (?:memorandum|analysis|response)|open letter|surat terbuka|"
        r"usulan (?:perubahan|"
        r"kebijakan)|recommendations (?:for|to)|note de (?:politique|synthèse)"
    ),
    "programme-document": (
        r"kerangka acuan|kak|terms of reference|concept note|catatan konsep|proposal|rencana (?:kerja|aksi|"
        r"strategis|induk|program)|"
        r"work ?plan|action plan|strategic plan|master plan|project document|programme (?:outline|document|"
        r"design|framework)|"
        r"program kerja|rancangan program|peta jalan|road ?map|(?:national|regional|country) strategy|"
        r"strategi nasional|"
        r"project description|work programme|implementation plan|rencana (?:pelaksanaan|kegiatan)|usulan (?:program|"
        r"kegiatan)|"
        r"dokumen (?:program|proyek)|project proposal|logical framework"
    ),
    "guideline": (
        r"panduan|pedoman|petunjuk (?:teknis|pelaksanaan|praktis)|juknis|juklak|modul|buku (?:saku|panduan|"
        r"pegangan|pintar|ajar)|"
        r"standar (?:operasional|prosedur|pelayanan)|sop|prosedur tetap|daftar periksa|"
        r"kurikulum|silabus|bahan ajar|curriculum|syllabus|training (?:course|materials)|code of (?:conduct|"
        r"practice)|kode etik|"
        r"tips|kiat|langkah-langkah|step by step|standards for|minimum standards|"
        r"toolkit|tool kit|(?:\w+ )?guide|guidelines?|guidance|handbook|manual|training module|checklist|how to|"
        r"standard operating procedures?|methods of analysis|instructions|tata cara"
    ),
    "research": (
        r"kajian|studi|penelitian|survei|riset|tesis|disertasi|skripsi|jurnal|kertas kerja|artikel ilmiah|analisis|"
        r"study|studies|research|survey|working paper|occasional paper|thesis|dissertation|journal|technical paper|"
        r"prosiding|mixed-methods|literature review|tinjauan pustaka|indeks potensi|risk index|"
        r"proceedings|an? (?:analysis|investigation|experiment)|evaluation of|effects? of"
    ),
    "report": (
        r"laporan|catatan (?:lapangan|akhir tahun)|hasil (?:pemantauan|evaluasi|kegiatan|pertemuan)|pemantauan|"
        r"evaluasi|notulen|"
        r"report|review|assessment|follow-up|after-action|lessons from|monitoring|minutes|status of|overview|"
        r"inventory|field notes|statistik|statistics|capaian|stocktak\w+|fact ?sheet|lembar fakta|berita acara|"
        r"lessons learned|"
        r"pembelajaran dari|rekapitulasi"
    ),
}
_TITLE = {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for kind, words in _NAMES.items()}
# How it is built: each expression counts once.
_BUILT = {
    "policy-paper": (
        r"^\W*(?:rekomendasi|recommendations?|pilihan|options|apa yang kami sarankan|what we (?:ask|recommend|"
        r"suggest))\b",
        r"\b(?:kami (?:menyarankan|menganjurkan|merekomendasikan|mengusulkan|meminta)|we (?:recommend|advise|"
        r"suggest|propose|urge)|"
        r"nous recommandons|cette note|seyogianya|sebaiknya pemerintah)\b",
        r"\b(?:pilihan (?:pertama|kedua)|(?:first|second) option|two (?:designs|options)|opsi (?:pertama|kedua|"
        r"[12ab])\b|kebijakan ini|"
        r"policymakers|pembuat kebijakan)",
        r"\b(?:pemerintah (?:dapat|perlu|hendaknya)|the government (?:should|needs? to|must|could)|DPR|"
        r"parliament should)\b",
    ),
    "programme-document": (
        r"^\W*(?:[\w.]{1,3}\s+)?(?:tujuan|maksud dan tujuan|objectives?|aims?|the idea|purpose)\b",
        r"^\W*(?:[\w.]{1,3}\s+)?(?:keluaran|hasil yang diharapkan|deliverables|expected (?:results|outcomes)|"
        r"outputs|indicators?|indikator|"
        r"ukuran|how we shall know)\b",
        r"^\W*(?:[\w.]{1,3}\s+)?(?:waktu dan (?:biaya|tempat)|biaya|anggaran|rencana anggaran|"
        r"budget(?: requested)?|cost|fee|pembiayaan)\b",
        r"^\W*(?:[\w.]{1,3}\s+)?(?:kegiatan|activities|scope of work|ruang lingkup pekerjaan|jadwal|timeline|"
        r"rationale|pelaksana)\b",
        r"\b(?:akan (?:dilaksanakan|melatih|dibentuk)|will (?:train|support|reach|be trained)|over three years|"
        r"qualifications)\b",
    ),
    "guideline": (
        r"\b(?:jangan(?:lah)?|pastikan|hindari|catat|tanyakan|gunakan|hubungi|do not|don't|make sure|never|"
        r"always|ask|check|keep)\b[^.\n]{3,}",
        r"^\W*(?:langkah|sesi|step|session|tahap|before you|sebelum|setelah|the first day|apa yang harus|what to do)\b",
        r"\b(?:petugas (?:wajib|memeriksa|harus)|panduan ini|modul ini|buku ini|pedoman ini|prosedur ini|"
        r"this (?:guide|handbook|manual|toolkit)|"
        r"untuk fasilitator|for facilitators|yang dimaksud)\b",
        r"\b(?:paling lambat|selambat-lambatnya|sekurang-kurangnya|must be|should be|click|select)\b",
    ),
    "research": (
        r"^\W*(?:abstract|abstrak|zusammenfassung|résumé|kata kunci|key ?words)\b",
        r"^\W*(?:[\d.]*\s*)?(?:method(?:s|ology)?|metode|experimental|materials|data)\b",
        r"^\W*(?:[\d.]*\s*)?(?:findings|temuan|references|daftar pustaka|literature|limitations|keterbatasan|"
        r"discussion|results)\b",
        r"\b(?:penelitian ini|kajian ini|studi ini|this (?:study|paper|article|thesis)|the paper|"
        r"we (?:interviewed|surveyed|followed|tested|measured|"
        r"collected|recorded|analysed|analyzed|compared|argue|conclude|find|found|ask|put|spent|read)|"
        r"kami mewawancarai|penulis (?:ikut|mewawancarai|menyimpulkan)|"
        r"diese (?:studie|arbeit)|untersuch\w+|wir (?:haben|befragten))\b",
        r"\b(?:wawancara|responden|interviews?|respondents|hypothesis|hipotesis|sample of|regression|"
        r"significant(?:ly)?|coded|et al)\b",
    ),
    "report": (
        r"\b(?:kegiatan (?:ini )?(?:berlangsung|dilaksanakan|diikuti|sudah berjalan)|telah (?:dilaksanakan|"
        r"dilakukan|dihadiri)|"
        r"pada (?:semester|triwulan|tahun) (?:ini|pertama|kedua|ketiga|keempat)|selama (?:\w+ )?(?:bulan|hari|tahun)|"
        r"during the (?:year|quarter|period|reporting)|last year|this (?:year|quarter)|reporting period)\b",
        r"\b(?:this report (?:draws|presents|describes|summari[sz]es)|laporan ini (?:memuat|menyajikan|disusun|"
        r"menggambarkan))\b",
        r"^\W*(?:[\w.]{1,3}\s+)?(?:kendala|hambatan|capaian|pelaksanaan|tindak lanjut|what (?:happened|"
        r"went well|changed|did not)|challenges|"
        r"achievements|progress|next steps|apa yang berjalan|yang dievaluasi|expenditure)\b",
        r"\b(?:kami (?:mencatat|mendampingi|menerima|mempertemukan)|we (?:trained|held|visited|received|"
        r"brought)|peserta|participants|"
        r"our team|tim kami|relawan kami)\b",
        r"\b(?:sejak (?:itu|laporan)|since (?:then|the)|dibandingkan dengan tahun|compared with|pertemuan|"
        r"workshop|bengkel)\b",
    ),
}
_STRUCTURE = {
    kind: tuple(re.compile(expression, re.IGNORECASE | re.MULTILINE) for expression in expressions)
    for kind, expressions in _BUILT.items()
}
# What is filled in, paid, sold or sent round is of no kind that the hub tells apart.
_NONE = re.compile(
    r"\b(?:application form|formulir|borang|questionnaire|kuesioner|invoice|faktur|kuitansi|newsletter|buletin|"
    r"price ?list|"
    r"daftar harga|(?<!-)undangan|invitation|press release|siaran pers|cerita pendek|cerpen|short story)\b",
    re.IGNORECASE,
)
# Bodies that do research, and reports that one body makes for another.
_ACADEMIC = re.compile(
    r"\b(?:universit\w+|fakultas|faculty|jurusan|program studi|department of \w+|pusat (?:studi|penelitian|kajian)|"
    r"(?:cent(?:re|er)|institute) (?:for|of) .*(?:studies|research)|research (?:cent(?:re|er)|institute)|riset)\b",
    re.IGNORECASE,
)
_MADE_FOR = re.compile(r"^\W*(?:prepared for|disusun untuk)\b", re.IGNORECASE | re.MULTILINE)
_ACADEMIC_BODY, _AUTHORED, _COMMISSIONED = 0.9, 0.75, 1.5
_OPENING = 6_000
_HEAD, _FIRST_WORDS, _IN_TITLE, _BUILDING = 3.5, 3.0, 2.0, 0.75
_ENOUGH = 1.5


def kind_of(
    regulation: Regulation | None, title: Finding | None, head: Sequence[Line], pages: Sequence[Page]
) -> Finding:
    """Return the kind of the document; `other` when nothing tells of one."""
    if regulation is not None and regulation.kind is not None:
        return regulation.kind
    page = next((page for page in pages if page.text.strip()), None)
    enacted = enactment_in(pages)
    if enacted is not None:
        return found("regulation", 0.85, enacted[0].number, enacted[1])
    words = title.value if title is not None else ""
    text = "\n".join(page.text for page in pages)[:_OPENING]
    scores: dict[str, float] = {}
    said: dict[str, str] = {}
    if _NONE.search(words):
        return found(OTHER, 0.7, page.number if page is not None else None, words)
    # Lines of the head that are no body's name, and so may say what it is.
    lines = [line.text for line in head if line.role in (Role.GENRE, Role.DATE, Role.BYLINE, Role.TITLE)]
    for kind, pattern in _TITLE.items():
        score = 0.0
        for line in head:
            if line.role in (Role.GENRE, Role.DATE) and (match := pattern.search(line.text)):
                score, said[kind] = max(score, _HEAD), line.text
        for line_text in (words, *lines):
            match = pattern.search(line_text)
            if match is not None:
                first = match.start() == 0 or line_text[: match.start()].rstrip().endswith((":", "."))
                score = max(score, _FIRST_WORDS if first else _IN_TITLE)
                said.setdefault(kind, line_text)
        found_parts = [match for expression in _STRUCTURE[kind] if (match := expression.search(text))]
        scores[kind] = score + _BUILDING * len(found_parts) + _by_maker(kind, head, text)
        if found_parts:
            said.setdefault(kind, found_parts[0][0])
    best = max(scores, key=lambda kind: scores[kind])
    second = max(score for kind, score in scores.items() if kind != best)
    if scores[best] < _ENOUGH:
        return found(OTHER, 0.6, page.number if page is not None else None, "")
    confidence = round(min(0.95, 0.55 + 0.08 * scores[best] + 0.06 * (scores[best] - second)), 2)
    return found(best, confidence, page.number if page is not None else None, said.get(best, ""))


def _by_maker(kind: str, head: Sequence[Line], text: str) -> float:
    """Return how much those who made a document, or for whom, tell of its kind."""
    if kind == "report":
        return _COMMISSIONED if _MADE_FOR.search(text) else 0.0
    if kind != "research":
        return 0.0
    academic = any(line.role is Role.ORGANISATION and _ACADEMIC.search(line.text) for line in head)
    authored = any(all(map(is_person, block.lines)) for block in [*title_blocks(head)][1:])
    return _ACADEMIC_BODY * academic + _AUTHORED * authored
