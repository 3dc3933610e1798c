"""How good duplicate triage is, by class, on labelled pairs: `python -m benchmarks.quality.duplicates`.

All real documents, the derived ones and the written translations go into one hub, in an order drawn by lot, and are
triaged as they come. What triage says of a labelled pair is compared with its label; whatever else it says, but
`related`, of a pair without a label is counted as wrong.
"""

from __future__ import annotations

import hashlib
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmarks.corpora import CORPUS, settings_in
from benchmarks.quality.deriving import Derived, Pages, derived_documents
from holdings import arrivals, documents, relations
from holdings.access import Access
from holdings.errors import FileError
from holdings.model import Declared, Page, PageUnit, StoredFile
from holdings.relations import Relation
from indexer.hub import Hub, initialise, open_hub
from ingest.description import Excerpts, describe
from ingest.duplicates import triage
from ingest.extractors import EXTRACTORS
from ingest.media_types import PLAIN_TEXT
from ingest.model import FileMetadata, ReadingOptions
from ingest.sniffing import sniff

LABELS = Path(__file__).parent / "labels" / "pairs.yaml"
_CLASSES = [relation.value for relation in Relation]


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled pair. `whole` is what the other is an excerpt, a version or a translation of, where it is known."""

    first: str
    second: str
    label: str
    kind: str
    whole: str | None = None


@dataclass(slots=True)
class Outcome:
    """What triage said: right and wrong by label and by kind of case."""

    said: list[tuple[Case, str, bool]] = field(default_factory=list)
    unlabelled: Counter[str] = field(default_factory=Counter)
    unlabelled_pairs: list[tuple[str, str, str]] = field(default_factory=list)
    documents: int = 0
    seconds: float = 0.0


def report() -> str:
    """Return the section on duplicates for docs/quality.md."""
    return _written(measured(real_texts()))


def real_texts() -> dict[str, tuple[Pages, FileMetadata, str]]:
    """Return the pages, properties and media types of the real documents that can be read."""
    texts = {}
    for path in sorted((CORPUS / "documents" / "files").iterdir()):
        pages, metadata = [], FileMetadata()
        try:
            media_type = sniff(path)
            for event in EXTRACTORS[media_type].read(path, ReadingOptions()):
                match event:
                    case Page():
                        pages.append(event)
                    case FileMetadata():
                        metadata = event
        except (FileError, KeyError):
            continue
        texts[path.name] = (pages, metadata, media_type)
    return texts


def measured(real: dict[str, tuple[Pages, FileMetadata, str]]) -> Outcome:
    """Triage everything and return what was said of the labelled pairs."""
    derived = derived_documents({name: pages for name, (pages, _, _) in real.items()})
    labels = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    cases = list(_cases(labels, derived, set(real)))
    everything = dict(real)
    for made in derived:
        everything[made.name] = (made.pages, FileMetadata(), PLAIN_TEXT)
    for pair in labels["written"]:
        for language in ("id", "en"):
            pages = [Page(1, PageUnit.PAGE, pair[language])]
            everything[f"{pair['name']}-{language}"] = (pages, FileMetadata(), PLAIN_TEXT)
    with tempfile.TemporaryDirectory(prefix="ikhub-quality-") as folder:
        settings = settings_in(Path(folder))
        initialise(settings)
        with open_hub(settings) as hub:
            return _triaged(hub, everything, cases)


def _cases(labels: dict[str, Any], derived: Iterable[Derived], real: set[str]) -> Iterable[Case]:
    for label, pairs in labels["real"].items():
        for first, second in pairs:
            if {first, second} <= real:
                yield Case(first, second, label, "real")
    for made in derived:
        if made.relation == "whole":
            yield Case(made.source, made.name, "excerpt", made.how, whole=made.name)
        else:
            yield Case(made.name, made.source, made.relation, made.how, whole=made.source)
    for pair in labels["written"]:
        name = pair["name"]
        yield Case(f"{name}-en", f"{name}-id", "translation", "written", whole=f"{name}-id")


def _triaged(hub: Hub, everything: dict[str, tuple[Pages, FileMetadata, str]], cases: list[Case]) -> Outcome:
    names = sorted(everything)
    random.Random(7).shuffle(names)
    outcome = Outcome(documents=len(names))
    name_of: dict[str, str] = {}
    for name in names:
        document_id = _recorded(hub, name, *everything[name])
        name_of[document_id] = name
        began = time.process_time()
        triage(hub, document_id)
        outcome.seconds += time.process_time() - began
    with hub.catalogue.read() as session:
        found = {
            frozenset((name_of[pair.document_id], name_of[pair.other_id])): (
                pair.relation.value,
                name_of[pair.other_id],
            )
            for pair in relations.all_relations(session)
        }
    related_through = _family(cases)
    for case in cases:
        said, whole = found.pop(frozenset((case.first, case.second)), (Relation.NONE.value, None))
        outcome.said.append((case, said, case.whole is None or whole == case.whole))
    for pair, (said, _) in found.items():
        first, second = sorted(pair)
        # Two that were made from one source are what they happen to be to each other.
        if said == Relation.RELATED.value or related_through(first, second):
            continue
        outcome.unlabelled[said] += 1
        outcome.unlabelled_pairs.append((said, first, second))
    return outcome


def _family(cases: list[Case]) -> Callable[[str, str], bool]:
    """Return a test of whether two documents come of one source, so that no label says what they are."""
    sources: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        if case.label in {"identical", "new-version", "excerpt", "translation"}:
            sources[case.first].add(case.second)
            sources[case.second].add(case.first)

    def kin(first: str, second: str) -> bool:
        return bool((sources[first] | {first}) & (sources[second] | {second})) or any(
            sources[one] & (sources[second] | {second}) for one in sources[first]
        )

    return kin


def _recorded(hub: Hub, name: str, pages: Pages, metadata: FileMetadata, media_type: str) -> str:
    excerpts = Excerpts()
    with hub.files.text_writer() as writer:
        for page in pages or [Page(1, PageUnit.PAGE, name)]:
            writer.add(page)
            excerpts.add(page)
        stored = writer.finish(reader="benchmark", truncated=())
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    file = StoredFile(sha256, 1, media_type, (name,))
    statements = describe(excerpts, metadata, name=name, media_type=media_type)
    with hub.catalogue.write() as session:
        (arrival,) = arrivals.receive(session, [(name, f"/{name}", Declared())])
        arrivals.note_stored(session, arrival, file)
        arrivals.note_text(session, arrival, stored)
        return documents.add(
            session, statements=statements, access=Access(frozenset({"public"})), text=stored.text, file=file
        )


def _written(outcome: Outcome) -> str:
    lines = [
        "## Duplicates",
        "",
        f"{outcome.documents} documents in one hub: the real ones, some derived from them by programme, and"
        " translations written for the purpose. Whatever was said of a pair without a label counts as wrong in the"
        " precision of its class, but `related`, of which only labelled pairs count. Thresholds were set on derived"
        " documents drawn by another lot.",
        "",
        "| class | cases | precision | recall | right way round |",
        "|---|---|---|---|---|",
    ]
    for label in _CLASSES:
        cases = [entry for entry in outcome.said if entry[0].label == label]
        said = [entry for entry in outcome.said if entry[1] == label]
        right = [entry for entry in cases if entry[1] == label]
        wrong = len(said) - len(right) + outcome.unlabelled[label]
        if not cases:
            continue
        directed = [entry for entry in right if entry[0].whole is not None and label != Relation.IDENTICAL.value]
        way = f"{sum(entry[2] for entry in directed) / len(directed):.2f}" if directed else ""
        precision = f"{len(right) / (len(right) + wrong):.3f}" if right or wrong else ""
        lines.append(f"| {label} | {len(cases)} | {precision} | {len(right) / len(cases):.3f} | {way} |")
    lines += ["", "| cases | label | number | recognised | taken for |", "|---|---|---|---|---|"]
    kinds = sorted({(case.label, case.kind) for case, _, _ in outcome.said})
    for label, kind in kinds:
        verdicts = [said for case, said, _ in outcome.said if (case.label, case.kind) == (label, kind)]
        others = Counter(said for said in verdicts if said != label)
        taken = ", ".join(f"{number} {said}" for said, number in others.most_common())
        lines.append(f"| {kind} | {label} | {len(verdicts)} | {verdicts.count(label)} | {taken} |")
    lines += ["", f"Triage took {outcome.seconds / max(outcome.documents, 1) * 1000:.0f} ms of processor a document."]
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
