"""The words of drawings in Office Open XML: of text frames, charts and diagrams (SmartArt).

Word, PowerPoint and Excel keep charts and diagrams as parts of the same form. What a chart shows is read from its
cache, for the workbook behind it may be elsewhere. A prompt that waits for a text is none.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.extractors.elements import Element, attribute, child_of, chosen, is_on, local_name, relation_id
from ingest.extractors.metafile import metafile_lines
from ingest.extractors.numbering import numeral
from ingest.extractors.open_packaging import OfficePackage, Relation

# Properties, formulas, and extensions: those hold series that are filtered out, and repeat what is said elsewhere.
_SKIPPED = frozenset({"extLst", "pPr", "rPr", "endParaRPr", "spPr", "externalData", "f"})
# Fields of a chart's label that repeat what the chart says anyway; what stands in the file is their name in brackets.
_REPEATING_FIELDS = frozenset("CATEGORYNAME SERIESNAME VALUE XVALUE YVALUE PERCENTAGE BUBBLESIZE CELLRANGE".split())  # noqa: SIM905
# Kinds of numbers of a list (ST_TextAutonumberScheme); of other scripts', the numerals are read as digits.
_LIST_FORM = re.compile(r"(alphaLc|alphaUc|romanLc|romanUc|arabic|)\w*?(Period|ParenR|ParenBoth|Plain|)")
_NUMERALS = {
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
    "arabic": "decimal",
    "": "decimal",
}
_AROUND = {"Period": ("", "."), "ParenR": ("", ")"), "ParenBoth": ("(", ")"), "Plain": ("", ""), "": ("", "")}
_DATE = re.compile(r"[yd]|mmm")
_NOT_SHOWN_AS_SUCH = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_EPOCH, _EPOCH_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)


def graphic_words(reference: Element, relations: Mapping[str, Relation], package: OfficePackage) -> list[str]:
    """Return the lines of the chart, the diagram or the metafile that an element of a part refers to.

    The element is `chart`, `relIds`, or, of pictures, `blip` and VML's `imagedata`; pictures of dots have no lines.
    `relations` are those of the part that holds the element. What is damaged becomes a problem of the package.
    """
    if local_name(reference) in ("blip", "imagedata"):
        ids = (relation_id(reference, name) for name in ("embed", "relid", "id"))
        picture = next((relations[key] for key in ids if key is not None and key in relations), None)
        is_metafile = picture is not None and picture.target.casefold().endswith((".wmf", ".emf"))
        return metafile_lines(package.content(picture.target)) if picture is not None and is_metafile else []
    is_chart = local_name(reference) == "chart"
    relation = relations.get(relation_id(reference, "id" if is_chart else "dm") or "")
    root = package.root(relation.target) if relation is not None else None
    if relation is None or root is None:
        return []
    if not is_chart:
        return list(diagram_words(root))
    lines = list(chart_words(root))
    # What somebody has drawn on top of the chart.
    for other in package.relations(relation.target).values():
        if other.kind == "chartUserShapes" and (shapes := package.root(other.target)) is not None:
            lines += paragraphs(shapes)
    return lines


def paragraphs(container: Element) -> list[str]:
    """Return the paragraphs of DrawingML anywhere below an element that are not empty, in order."""
    texts: list[str] = []
    waiting = [container]
    lists = _Lists()
    # Groups may be nested as deeply as anybody likes.
    while waiting:
        element = waiting.pop()
        name = local_name(element)
        if name == "p":
            if (text := paragraph_text(element)).strip():
                texts.append(lists.label(element) + text)
        elif name and name not in _SKIPPED:
            waiting += _read_children(element)
    return texts


@dataclass(slots=True)
class _Lists:
    """Counts the paragraphs that are numbered by themselves, in the frame that they stand in."""

    _frame: Element | None = None
    _counts: dict[int, tuple[str, int]] = field(default_factory=dict)

    def label(self, paragraph: Element) -> str:
        """Count a paragraph that is not empty, and return its number; empty where it has none."""
        if paragraph.getparent() is not self._frame:
            self._frame = paragraph.getparent()
            self._counts.clear()
        properties = child_of(paragraph, "pPr")
        level = _whole(attribute(properties, "lvl")) or 0
        numbers = child_of(properties, "buAutoNum")
        for deeper in [other for other in self._counts if other > level]:
            del self._counts[deeper]
        form = _LIST_FORM.fullmatch(attribute(numbers, "type") or "") if numbers is not None else None
        if form is None:
            self._counts.pop(level, None)
            return ""
        before, count = self._counts.get(level, ("", 0))
        # A list of another form begins anew.
        count = count + 1 if before == form[0] else _whole(attribute(numbers, "startAt")) or 1
        self._counts[level] = form[0], count
        opening, closing = _AROUND[form[2]]
        return f"{opening}{numeral(count, _NUMERALS[form[1]])}{closing} "


def paragraph_text(paragraph: Element) -> str:
    """Return the text of one paragraph (`a:p`): its runs, line breaks, fields and formulas."""
    words: list[str] = []
    waiting = [*reversed(paragraph)]
    while waiting:
        element = waiting.pop()
        name = local_name(element)
        if name == "t":
            words.append(element.text or "")
        elif name == "br":
            words.append("\n")
        elif name and name not in _SKIPPED and not _repeats(element):
            waiting += _read_children(element)
    return "".join(words).strip("\n")


def _read_children(element: Element) -> list[Element]:
    """Return the children of an element that are read, last one first."""
    if local_name(element) != "AlternateContent":
        return [*reversed(element)]
    choice = chosen(element)
    return [] if choice is None else [choice]


def _repeats(element: Element) -> bool:
    return local_name(element) == "fld" and attribute(element, "type") in _REPEATING_FIELDS


def diagram_words(root: Element) -> Iterator[str]:
    """Yield the texts of a diagram's data (`dgm:dataModel`): a tree of points, each with what leads to it."""
    listed = child_of(root, "ptLst")
    points = {attribute(p, "modelId"): p for p in (() if listed is None else listed.iterchildren("{*}pt"))}
    children: dict[str | None, list[tuple[int, str | None]]] = {}
    for link in root.iter("{*}cxn"):
        if attribute(link, "type") in (None, "parOf"):
            order = _whole(attribute(link, "srcOrd")) or 0
            ends = (attribute(link, end) for end in ("parTransId", "destId", "sibTransId"))
            children.setdefault(attribute(link, "srcId"), []).extend((order, end) for end in ends)
    seen: set[str | None] = set()
    for start in sorted(points, key=lambda identifier: attribute(points[identifier], "type") != "doc"):
        waiting: list[str | None] = [start]
        while waiting:
            identifier = waiting.pop()
            if identifier in points and identifier not in seen:
                seen.add(identifier)
                yield from _point_words(points[identifier])
                waiting += [end for _, end in sorted(children.get(identifier, ()), key=lambda child: child[0])][::-1]


def _point_words(point: Element) -> list[str]:
    # What a point of the presentation shows, a point of the content says.
    is_prompt = attribute(child_of(point, "prSet"), "phldr") in ("1", "true")
    text = child_of(point, "t")
    return [] if is_prompt or text is None or attribute(point, "type") == "pres" else paragraphs(text)


def chart_words(root: Element) -> Iterator[str]:
    """Yield the lines of a chart (`c:chartSpace`, or `cx:chartSpace` of 2016): titles, categories, series, labels."""
    if "chartex" in root.tag:
        yield from _newer_chart(root)
        return
    epoch = _EPOCH_1904 if is_on(child_of(root, "date1904")) else _EPOCH
    categories: list[str] = []
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = local_name(element)
        if name == "p":
            if (text := paragraph_text(element)).strip():
                yield text
        elif name == "ser":
            # Most series have the same ones.
            if (own := _points(element, epoch, "cat", "xVal")) and own != categories:
                categories = own
                yield "\t".join(own)
            yield from _series(element, epoch)
        elif name == "strRef":
            yield " ".join(_points_of(element, epoch))
        elif name and name not in _SKIPPED:
            waiting += _read_children(element)


def _series(series: Element, epoch: datetime.datetime) -> Iterator[str]:
    """Yield a series' name with its values, the sizes of its bubbles, and the labels that somebody has written."""
    title = _points(series, epoch, "tx")
    if not title and (written := child_of(child_of(series, "tx"), "v")) is not None:
        title = [written.text or ""]
    if row := [" ".join(title), *_points(series, epoch, "val", "yVal")]:
        yield "\t".join(row)
    if sizes := _points(series, epoch, "bubbleSize"):
        yield "\t".join(sizes)
    for labels in series.iterchildren("{*}dLbls"):
        yield from paragraphs(labels)
    for trend in series.iterchildren("{*}trendline"):
        name = child_of(trend, "name")
        yield from [name.text or ""] if name is not None else []
        yield from paragraphs(trend)
    # Labels that come from cells; whatever else an extension holds is not shown.
    for cells in series.iter("{*}datalabelsRange"):
        yield "\t".join(_points_of(cells, epoch))


def _points(series: Element, epoch: datetime.datetime, *names: str) -> list[str]:
    sources = (child_of(series, name) for name in names)
    return next((_points_of(source, epoch) for source in sources if source is not None), [])


def _points_of(source: Element, epoch: datetime.datetime) -> list[str]:
    """Return the cached points of a source of data, as they are shown; a point with several levels is one text."""
    numbers = next(source.iter("{*}numCache", "{*}numLit"), None)
    stated_code = child_of(numbers, "formatCode")
    code = (stated_code.text if stated_code is not None else None) or ""
    # The innermost level comes first. A label of an outer one stands at the first point that it spans.
    levels = [*source.iter("{*}lvl")][::-1] or [source]
    texts: dict[int, list[str]] = {}
    for level in levels:
        for order, point in enumerate(level.iter("{*}pt")):
            value = child_of(point, "v")
            text = (value.text or "").strip() if value is not None else ""
            if text:
                place = _whole(attribute(point, "idx"))
                text = text if numbers is None else shown(text, attribute(point, "formatCode") or code, epoch)
                texts.setdefault(order if place is None else place, []).append(text)
    return [" ".join(texts[place]) for place in sorted(texts)]


def shown(value: str, code: str, epoch: datetime.datetime = _EPOCH) -> str:
    """Return a stored number as its format code shows it: a percentage, an ISO date, else plain."""
    try:
        number = float(value)
        kind = _NOT_SHOWN_AS_SUCH.sub("", code.partition(";")[0]).casefold()
        if "%" in kind:
            return f"{round(100 * number, 2):.15g}%"
        if kind != "general" and _DATE.search(kind):
            return (epoch + datetime.timedelta(days=number)).date().isoformat()
    except (ValueError, OverflowError):
        return value
    # Ten digits are more than any label has; those beyond come from binary fractions.
    return f"{number:.10g}" if abs(number) < 1e10 else value


def _newer_chart(root: Element) -> Iterator[str]:
    """Yield the lines of a chart of one of the newer kinds: what it shows stands apart from how it shows it."""
    for level in root.iter("{*}lvl"):
        code = attribute(level, "formatCode") or ""
        is_number = local_name(level.getparent()) == "numDim"
        texts = ((point.text or "").strip() for point in level.iterchildren("{*}pt"))
        yield "\t".join(shown(text, code) if is_number else text for text in texts if text)
    values = (child_of(source, "v") for source in root.iter("{*}txData"))
    titles = [(value.text or "").strip() for value in values if value is not None]
    # Titles are there twice: as what they are, and as what they look like.
    yield from dict.fromkeys(title for title in [*titles, *paragraphs(root)] if title)


def _whole(number: str | None) -> int | None:
    return int(number) if number and len(number) < 10 and number.isascii() and number.isdigit() else None
