"""From a query clause in Elasticsearch's language to a tantivy query: the subset that the search templates use.

Whatever is not in the subset is refused by name, never ignored. Only fields of stems are ranked by BM25; any other
match counts 1, in both engines. Scores need no scale: tantivy keeps the factor `k1 + 1` of BM25, Lucene leaves it out,
and Elasticsearch puts it in again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from tantivy import FieldType, Index, Occur, Query

from indexer.engines.base import MAX_CLAUSES, MAX_DEPTH, MAX_PREFIX_CHARACTERS
from indexer.engines.options import (
    allow,
    boost_of,
    bound,
    field_and_options,
    listed,
    number,
    refuse,
    required_matches,
    short,
    string,
)
from indexer.schema import FieldKind

Clause = Mapping[str, Any]

# Up to here a union of terms is faster than a set of terms, which walks the dictionary of terms.
_FEW_TERMS = 16
_INTEGERS = range(-(2**63), 2**63)
# What tantivy's query parser takes as a bound without quoting: it has the only range over strings that there is.
_PLAIN_BOUND = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TEXT_OR_KEYWORD = (FieldKind.STEMS, FieldKind.WORDS, FieldKind.KEYWORD)
_TERM_KINDS = (*_TEXT_OR_KEYWORD, FieldKind.INTEGER)


class Translation:
    """Translates the clauses of one request body; counts them, so that no body can exhaust the process.

    `labels_in_use` gives the values of a field that some document has, None where that is not known: values that none
    has are not looked for.
    """

    def __init__(
        self,
        index: Index,
        kinds: Mapping[str, FieldKind],
        labels_in_use: Callable[[str], Container[str] | None] = lambda _: None,
    ) -> None:
        self._index = index
        self._labels_in_use = labels_in_use
        self._schema = index.schema
        self._kinds = kinds
        self._clauses = 0

    def scored(self, clause: Clause) -> Query:
        """Return the query of a clause whose score counts. Raises SearchRefusedError that names what is wrong."""
        return self._translate(clause, 1, scoring=True)

    def matching(self, clause: Clause) -> Query:
        """Return the query of a clause that only says what matches; its score means nothing."""
        return self._translate(clause, 1, scoring=False)

    def kind_of(self, clause: str, field: Any, allowed: Sequence[FieldKind]) -> FieldKind:
        """Return the kind of a field that a clause asks for. Raises SearchRefusedError when it does not fit."""
        kind = self._kinds.get(field) if isinstance(field, str) else None
        if kind is None:
            refuse(f"{clause} asks for a field {short(field)} that this index does not have")
        if kind not in allowed:
            refuse(f"{clause} does not work on {field}, a field of kind {kind.value}")
        return kind

    def _translate(self, clause: Clause, depth: int, *, scoring: bool) -> Query:
        if not isinstance(clause, Mapping) or len(clause) != 1:
            refuse(f"a clause must be an object with one key, not {short(clause)}")
        ((name, body),) = clause.items()
        translate = _CLAUSES.get(name)
        if translate is None:
            refuse(f"the clause {short(name)} is not known; these are: {', '.join(_CLAUSES)}")
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            refuse(f"there are more than {MAX_CLAUSES} clauses")
        if depth > MAX_DEPTH:
            refuse(f"clauses are nested more than {MAX_DEPTH} deep")
        if not isinstance(body, Mapping):
            refuse(f"the body of {name} must be an object, not {short(body)}")
        return translate(self, body, depth, scoring)

    def _each(self, where: str, clauses: Any, depth: int, *, scoring: bool) -> list[Query]:
        return [self._translate(clause, depth + 1, scoring=scoring) for clause in listed(where, clauses)]

    def _bool(self, body: Clause, depth: int, scoring: bool) -> Query:
        allow("bool", body, ("must", "should", "filter", "must_not", "minimum_should_match", "boost"))
        must = self._each("bool.must", body.get("must"), depth, scoring=scoring)
        should = self._each("bool.should", body.get("should"), depth, scoring=scoring)
        kept = self._each("bool.filter", body.get("filter"), depth, scoring=False)
        excluded = self._each("bool.must_not", body.get("must_not"), depth, scoring=False)
        boost = boost_of("bool", body)
        if not (must or should or kept or excluded):
            return _constant(Query.all_query(), boost)
        least = required_matches(body.get("minimum_should_match", 0), len(should))
        if not must and not kept:
            # What only excludes is all but that, whatever it says of the minimum.
            least = max(least, 1) if should else 0
        if least > len(should):
            return Query.empty_query()
        if least == len(should):
            must, should = must + should, []
        elif least == 0 and not scoring:
            should = []  # what may match or not says nothing where nothing is scored
        if not (must or kept or should):
            kept = [Query.all_query()]  # only exclusions: all but these
        if len(must) == 1 and not (should or kept or excluded):
            return _boosted(must[0], boost)
        parts = [(Occur.Must, query) for query in must]
        parts += [(Occur.Must, _constant(query, 0.0) if scoring else query) for query in kept]
        parts += [(Occur.Should, query) for query in should]
        parts += [(Occur.MustNot, query) for query in excluded]
        return _boosted(Query.boolean_query(parts, minimum_number_should_match=least if should else None), boost)

    def _dis_max(self, body: Clause, depth: int, scoring: bool) -> Query:
        allow("dis_max", body, ("queries", "tie_breaker", "boost"))
        queries = self._each("dis_max.queries", body.get("queries"), depth, scoring=scoring)
        tie_breaker = number("dis_max.tie_breaker", body.get("tie_breaker", 0.0))
        boost = boost_of("dis_max", body)
        if not queries:
            refuse("dis_max needs queries")
        if tie_breaker > 1:
            refuse("dis_max.tie_breaker runs from 0 to 1")
        if not scoring:
            return _any_of(queries)
        return _boosted(Query.disjunction_max_query(queries, tie_breaker), boost)

    def _constant_score(self, body: Clause, depth: int, scoring: bool) -> Query:
        allow("constant_score", body, ("filter", "boost"))
        if "filter" not in body:
            refuse("constant_score needs a filter")
        query = self._translate(body["filter"], depth + 1, scoring=False)
        return _constant(query, boost_of("constant_score", body)) if scoring else query

    def _match_all(self, body: Clause, depth: int, scoring: bool) -> Query:
        allow("match_all", body, ("boost",))
        return _constant(Query.all_query(), boost_of("match_all", body))

    def _match_none(self, body: Clause, depth: int, scoring: bool) -> Query:
        allow("match_none", body, ("boost",))
        return Query.empty_query()

    def _term(self, body: Clause, depth: int, scoring: bool) -> Query:
        field, options = field_and_options("term", body, "value", ("value", "boost"))
        kind = self.kind_of("term", field, _TERM_KINDS)
        value = _term_value("term", field, kind, options.get("value"))
        boost = boost_of("term", options)
        if scoring and kind is FieldKind.STEMS:
            return self._ranked_term(field, value, boost)
        query = self._term_query(field, value)
        return _constant(query, boost) if scoring else query

    def _ranked_term(self, field: str, value: str | int, boost: float) -> Query:
        return _boosted(Query.term_query(self._schema, field, value, index_option="freq"), boost)

    def _term_query(self, field: str, value: str | int) -> Query:
        return Query.term_query(self._schema, field, value, index_option="basic")

    def _terms(self, body: Clause, depth: int, scoring: bool) -> Query:
        fields = [name for name in body if name != "boost"]
        if len(fields) != 1 or not isinstance(body[fields[0]], list | tuple):
            refuse("terms needs one field with a list of values")
        field = fields[0]
        kind = self.kind_of("terms", field, _TERM_KINDS)
        values = _term_values("terms", field, kind, body[field])
        if len(values) > _FEW_TERMS and (in_use := self._labels_in_use(field)) is not None:
            values = [value for value in values if value in in_use]
        if len(values) > _FEW_TERMS:
            query = Query.term_set_query(self._schema, field, values)
        else:
            query = _any_of([self._term_query(field, value) for value in values])
        return _constant(query, boost_of("terms", body)) if scoring else query

    def _match_phrase(self, body: Clause, depth: int, scoring: bool) -> Query:
        field, options = field_and_options("match_phrase", body, "query", ("query", "slop", "boost"))
        self.kind_of("match_phrase", field, (FieldKind.STEMS,))
        if options.get("slop", 0) != 0:
            refuse("match_phrase with slop is not known: the engines do not agree on what it matches")
        words = string("match_phrase", options.get("query")).split()
        boost = boost_of("match_phrase", options)
        if not words:
            return Query.empty_query()
        if len(words) == 1:  # tantivy panics on a phrase of one word
            return self._ranked_term(field, words[0], boost) if scoring else self._term_query(field, words[0])
        query = Query.phrase_query(self._schema, field, list(words))
        return _boosted(query, boost) if scoring else query

    def _prefix(self, body: Clause, depth: int, scoring: bool) -> Query:
        field, options = field_and_options("prefix", body, "value", ("value", "boost"))
        self.kind_of("prefix", field, _TEXT_OR_KEYWORD)
        prefix = string("prefix", options.get("value"))
        if len(prefix) > MAX_PREFIX_CHARACTERS:
            refuse(f"a prefix has at most {MAX_PREFIX_CHARACTERS} characters")
        # No distance: every term that begins so. Unlike a regular expression it needs no quoting, and unlike
        # `phrase_prefix_query` it leaves none out.
        query = Query.fuzzy_term_query(self._schema, field, prefix, distance=0, prefix=True)
        return _constant(query, boost_of("prefix", options)) if scoring else query

    def _range(self, body: Clause, depth: int, scoring: bool) -> Query:
        field, options = field_and_options("range", body, None, ("gte", "gt", "lte", "lt", "boost"))
        kind = self.kind_of("range", field, (FieldKind.INTEGER, FieldKind.KEYWORD))
        low, with_low = bound(options, "gte", "gt")
        high, with_high = bound(options, "lte", "lt")
        bounds = [_term_value("range", field, kind, value) for value in (low, high) if value is not None]
        if not bounds:
            refuse("range needs a bound")
        if kind is FieldKind.INTEGER:
            query = Query.range_query(self._schema, field, FieldType.Integer, low, high, with_low, with_high)
        elif all(_PLAIN_BOUND.fullmatch(str(value)) for value in bounds):
            low, high = ("*" if value is None else value for value in (low, high))
            query = self._index.parse_query(f"{field}:{'[{'[not with_low]}{low} TO {high}{']}'[not with_high]}")
        else:
            refuse("range on strings takes bounds of letters, digits, dots, dashes and underscores only")
        return _constant(query, boost_of("range", options)) if scoring else query

    def _exists(self, body: Clause, depth: int, scoring: bool) -> Query:
        allow("exists", body, ("field", "boost"))
        field = string("exists", body.get("field"))
        self.kind_of("exists", field, (FieldKind.INTEGER, FieldKind.KEYWORD))
        query = Query.exists_query(field)
        return _constant(query, boost_of("exists", body)) if scoring else query


_CLAUSES: dict[str, Callable[[Translation, Clause, int, bool], Query]] = {
    "bool": Translation._bool,
    "dis_max": Translation._dis_max,
    "constant_score": Translation._constant_score,
    "match_all": Translation._match_all,
    "match_none": Translation._match_none,
    "term": Translation._term,
    "terms": Translation._terms,
    "match_phrase": Translation._match_phrase,
    "prefix": Translation._prefix,
    "range": Translation._range,
    "exists": Translation._exists,
}


def narrowed(query: Query, narrowing: Query) -> Query:
    """Return a query for what both match, with the scores of the first."""
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, _constant(narrowing, 0.0))])


def _term_value(clause: str, field: str, kind: FieldKind, value: Any) -> str | int:
    if kind is not FieldKind.INTEGER:
        return string(f"{clause} on {field}", value)
    if type(value) is not int or value not in _INTEGERS:
        refuse(f"{clause} on {field} needs an integer of 64 bits, not {short(value)}")
    return value


def _term_values(clause: str, field: str, kind: FieldKind, values: Sequence[Any]) -> Sequence[Any]:
    # Of strings, which may be some hundreds at each search, all are looked at together.
    if kind is not FieldKind.INTEGER and all(isinstance(value, str) for value in values):
        return values
    return [_term_value(clause, field, kind, value) for value in values]


def _any_of(queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, query) for query in queries])


def _boosted(query: Query, boost: float) -> Query:
    return query if boost == 1.0 else Query.boost_query(query, boost)


def _constant(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)
