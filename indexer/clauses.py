"""From a parsed query and filters to the clauses of a request body, through the search templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from indexer.model import Facet, Sort
from indexer.query import (
    Either,
    Every,
    FacetTerm,
    Group,
    Leaf,
    Node,
    Phrase,
    Prefix,
    TextField,
    Without,
    Word,
)
from indexer.templates import ABSENT, Templates, render

Clause = dict[str, Any]
Filters = Mapping[Facet, tuple[str, ...]]


def documents_body(
    templates: Templates,
    root: Node | None,
    filters: Filters,
    access: Clause,
    *,
    sort: Sort,
    offset: int,
    size: int,
) -> Clause:
    """Return the body for the index `documents`.

    What is typed and access restrict everything; the facets' filters restrict the hits (`post_filter`), and each
    facet's counts are restricted by the filters of the others.
    """
    template = templates.documents
    selection = {facet: facet_clause(facet, values) for facet, values in filters.items() if values}
    body: Clause = render(
        template["body"],
        {
            "words": _node(template, root) if root is not None else {"match_all": {}},
            "access": access,
            "selection": _all_of(selection.values()) or ABSENT,
            "facets": {facet.value: _counts(facet, template["facets"][facet.value], selection) for facet in Facet},
            "sort": template["sort"][(sort if root is not None or sort is not Sort.RELEVANCE else Sort.NEWEST).value],
            "from": offset,
            "size": size,
        },
    )
    return body


def pages_body(templates: Templates, leaves: Iterable[Leaf], document_id: str, *, size: int) -> Clause | None:
    """Return the body for the best pages of one document, None when no leaf is looked for in pages."""
    template = templates.pages
    clauses = [clause for leaf in leaves if (clause := _page_leaf(template, leaf)) is not None]
    if not clauses:
        return None
    body: Clause = render(template["body"], {"leaves": clauses, "document": document_id, "size": size})
    return body


def facet_clause(facet: Facet, values: Iterable[str]) -> Clause:
    """Return the filter for one of these values of a facet."""
    if facet is not Facet.YEAR:
        return {"terms": {facet.value: list(values)}}
    ranges = [_year_range(value) for value in values]
    return ranges[0] if len(ranges) == 1 else {"bool": {"should": ranges, "minimum_should_match": 1}}


def _year_range(value: str) -> Clause:
    first, separator, last = value.partition("..")
    if not separator:
        return {"term": {"year": int(first)}}
    bounds = {name: int(bound) for name, bound in (("gte", first), ("lte", last)) if bound}
    return {"range": {"year": bounds}}


def _counts(facet: Facet, options: Mapping[str, Any], selection: Mapping[Facet, Clause]) -> Clause:
    values = {"terms": {"field": facet.value, "size": options["size"]}}
    others = _all_of(clause for other, clause in selection.items() if other is not facet)
    return values if others is None else {"filter": others, "aggs": {"values": values}}


def _all_of(clauses: Iterable[Clause]) -> Clause | None:
    listed = list(clauses)
    if len(listed) > 1:
        return {"bool": {"filter": listed}}
    return listed[0] if listed else None


def _node(template: Mapping[str, Any], node: Node) -> Clause:
    match node:
        case Group(required, optional, excluded):
            return _group(template, required, optional, excluded)
        case Every(children):
            kept = [_node(template, child) for child in children if not isinstance(child, Without)]
            return {
                "bool": {
                    "must": kept,
                    "must_not": [_node(template, c.child) for c in children if isinstance(c, Without)],
                }
            }
        case Either(children):
            return {"bool": {"should": [_node(template, child) for child in children], "minimum_should_match": 1}}
        case Without(child):
            return {"bool": {"must": [{"match_all": {}}], "must_not": [_node(template, child)]}}
        case _:
            return _leaf(template, node)


def _group(
    template: Mapping[str, Any], required: tuple[Node, ...], optional: tuple[Node, ...], excluded: tuple[Node, ...]
) -> Clause:
    clause: Clause = {}
    if required:
        clause["must"] = [_node(template, child) for child in required]
    if optional:
        clause["should"] = [_node(template, child) for child in optional]
        clause["minimum_should_match"] = template["minimum_should_match"]
    if excluded:
        clause["must_not"] = [_node(template, child) for child in excluded]
        if not required and not optional:
            clause["must"] = [{"match_all": {}}]
    return {"bool": clause}


def _leaf(template: Mapping[str, Any], leaf: Leaf) -> Clause:
    match leaf:
        case Word(stem, _, field):
            return _rendered(template["word"], field, {"stem": stem})
        case Phrase(stems, field):
            return _rendered(template["phrase"], field, {"stems": " ".join(stems)})
        case Prefix(prefix, field):
            searched = template["prefix_fields"].get(field.value, field.value)
            return _rendered(template["prefix"], field, {"prefix": prefix, "field": searched})
        case FacetTerm(facet, value):
            return {"constant_score": {"filter": facet_clause(facet, [value]), "boost": 0.0}}


def _rendered(variants: Mapping[str, Any], field: TextField, values: dict[str, Any]) -> Clause:
    variant = "any" if field is TextField.ANY else "field"
    clause: Clause = render(variants[variant], {"field": field.value, **values})
    return clause


def _page_leaf(template: Mapping[str, Any], leaf: Leaf) -> Clause | None:
    clause: Clause | None = None
    match leaf:
        case Word(stem, _, TextField.ANY | TextField.BODY):
            clause = render(template["word"], {"stem": stem})
        case Phrase(stems, TextField.ANY | TextField.BODY):
            clause = render(template["phrase"], {"stems": " ".join(stems)})
        case Prefix(prefix, TextField.ANY | TextField.BODY):
            clause = render(template["prefix"], {"prefix": prefix})
    return clause
