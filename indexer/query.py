"""The query language: what a person types becomes a tree of words, phrases, prefixes and operators.

    words            all of up to three must be found, most of more (the share is in the search template)
    "some words"     exactly these words, in this order
    AND OR NOT       in capitals; OR binds closer than words that merely stand beside each other
    -word +word      without it; with it in any case
    begin*           words that begin so (two letters at least)
    ( )              groups
    title:word       only there: title, author, organisation, number, abstract, text; and by facet: theme, province,
                     kind, group, priority, language, year (year:2015..2020)

Parsing never fails: what is no query in this language is searched as words, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from indexer.analysis import Analyzer
from indexer.model import Facet, Note

MAX_CHARACTERS = 2_000
MAX_LEAVES = 64
MAX_DEPTH = 20
# How deep a tree may be: each level becomes at most two clauses, and engines take thirty below one another.
_MAX_LEVELS = 10
_MIN_PREFIX = 2


class TextField(StrEnum):
    """Where a word is looked for; `ANY` is everywhere."""

    ANY = "any"
    TITLE = "title"
    AUTHOR = "authors"
    ISSUER = "issuer"
    NUMBER = "number"
    ABSTRACT = "abstract"
    BODY = "body"


FIELD_NAMES: dict[str, TextField] = {
    "title": TextField.TITLE,
    "judul": TextField.TITLE,
    "author": TextField.AUTHOR,
    "authors": TextField.AUTHOR,
    "penulis": TextField.AUTHOR,
    "organisation": TextField.ISSUER,
    "organization": TextField.ISSUER,
    "organisasi": TextField.ISSUER,
    "penerbit": TextField.ISSUER,
    "number": TextField.NUMBER,
    "nomor": TextField.NUMBER,
    "abstract": TextField.ABSTRACT,
    "abstrak": TextField.ABSTRACT,
    "text": TextField.BODY,
    "isi": TextField.BODY,
}
FACET_NAMES: dict[str, Facet] = {
    "theme": Facet.THEME,
    "tema": Facet.THEME,
    "province": Facet.PROVINCE,
    "provinsi": Facet.PROVINCE,
    "kind": Facet.KIND,
    "jenis": Facet.KIND,
    "group": Facet.GROUP,
    "kelompok": Facet.GROUP,
    "priority": Facet.PRIORITY,
    "prioritas": Facet.PRIORITY,
    "language": Facet.LANGUAGE,
    "bahasa": Facet.LANGUAGE,
    "year": Facet.YEAR,
    "tahun": Facet.YEAR,
}


@dataclass(frozen=True, slots=True)
class Word:
    stem: str
    word: str
    field: TextField = TextField.ANY


@dataclass(frozen=True, slots=True)
class Phrase:
    stems: tuple[str, ...]
    field: TextField = TextField.ANY


@dataclass(frozen=True, slots=True)
class Prefix:
    prefix: str
    field: TextField = TextField.ANY


@dataclass(frozen=True, slots=True)
class FacetTerm:
    facet: Facet
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Things that stand beside each other: `required` all, `optional` words as many as the template says."""

    required: tuple[Node, ...] = ()
    optional: tuple[Node, ...] = ()
    excluded: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Every:
    """All of these (AND)."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these (OR)."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    child: Node


Leaf = Word | Phrase | Prefix | FacetTerm
Node = Leaf | Group | Every | Either | Without
FacetResolver = Callable[[Facet, str], str | None]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """`root` is None when there is nothing to search for. `leaves` are what a hit may match, once each."""

    root: Node | None
    leaves: tuple[Leaf, ...]
    notes: tuple[Note, ...]


class _NotAQueryError(Exception):
    """The text does not follow the language."""


_LEXEMES = re.compile(
    r"""(?P<space>\s+)
      | (?P<phrase>(?P<phrase_sign>[-+]?)(?:(?P<phrase_field>\w+):)?"(?P<words>[^"]*)")
      | (?P<open>(?P<open_sign>[-+]?)\()
      | (?P<close>\))
      | (?P<operator>(?:AND|OR|NOT)(?=[\s()]|$))
      | (?P<term>(?P<sign>[-+]?)(?:(?P<field>\w+):(?=[^\s"()]))?(?P<text>[^\s"()]+))
      | (?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str, analyzer: Analyzer, resolve_facet: FacetResolver) -> ParsedQuery:
    """Return what `text` asks for. Never raises for whatever a person types.

    `resolve_facet` gives the id of a facet's value from its id or label, None when there is none.
    """
    notes: list[Note] = []
    text = _clean(text)
    if len(text) > MAX_CHARACTERS:
        cut = text[:MAX_CHARACTERS]
        text = cut[: cut.rfind(" ")] if " " in cut else cut
        notes.append(Note("query_cut", f"The query is too long: its first {len(text)} characters were searched."))
    try:
        parser = _Parser(text, analyzer, resolve_facet, keep_stop_words=False)
        root = parser.parse()
        if root is None and not parser.unresolved:
            # Nothing but stop words: then they are what is asked for.
            parser = _Parser(text, analyzer, resolve_facet, keep_stop_words=True)
            root = parser.parse()
        if root is not None and _levels(root) > _MAX_LEVELS:
            raise _NotAQueryError("its groups are nested too deeply")
        notes.extend(parser.unresolved)
    except _NotAQueryError as reason:
        root = _as_words(text, analyzer)
        notes.append(Note("query_as_words", f"The query was searched as plain words: {reason}."))
    leaves = tuple(dict.fromkeys(_positive_leaves(root))) if root is not None else ()
    if root is not None and _size(root) > MAX_LEAVES:
        leaves = leaves[:MAX_LEAVES]
        root = Group(optional=leaves) if leaves else None
        notes.append(Note("query_cut", f"The query has too many words: the first {MAX_LEAVES} were searched."))
    return ParsedQuery(root, leaves, tuple(notes))


def _clean(text: str) -> str:
    """Return the text with typographic quotes made plain and characters that nobody types on purpose as spaces."""
    text = text.translate(_QUOTES)
    return "".join(character if character.isprintable() else " " for character in text).strip()


_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": " ", "\u00ad": None})


def _as_words(text: str, analyzer: Analyzer) -> Node | None:
    tokens = list(analyzer.tokens(text[:MAX_CHARACTERS]))
    kept = [token for token in tokens if not analyzer.is_stop_word(token.word)] or tokens
    words = tuple(dict.fromkeys(Word(token.stem, token.word) for token in kept))
    return Group(optional=words) if words else None


def _positive_leaves(node: Node) -> Iterator[Leaf]:
    match node:
        case Group(required, optional, _):
            for child in (*required, *optional):
                yield from _positive_leaves(child)
        case Every(children) | Either(children):
            for child in children:
                yield from _positive_leaves(child)
        case Without():
            return
        case _:
            yield node


def _size(node: Node) -> int:
    """Return how many leaves a tree has, those that are excluded and those that repeat included."""
    match node:
        case Group(required, optional, excluded):
            return sum(_size(child) for child in (*required, *optional, *excluded))
        case Every(children) | Either(children):
            return sum(_size(child) for child in children)
        case Without(child):
            return _size(child)
        case _:
            return 1


def _levels(node: Node) -> int:
    """Return how many nodes a tree has one below another."""
    match node:
        case Group(required, optional, excluded):
            children: tuple[Node, ...] = (*required, *optional, *excluded)
        case Every(children) | Either(children):
            pass
        case Without(child):
            children = (child,)
        case _:
            return 1
    return 1 + max(map(_levels, children), default=0)


class _Parser:
    """Recursive descent over the lexemes.

    group ← alternatives+ ; alternatives ← every (OR every)* ; every ← unit (AND unit)*
    """

    def __init__(self, text: str, analyzer: Analyzer, resolve_facet: FacetResolver, *, keep_stop_words: bool) -> None:
        self._lexemes = [m for m in _LEXEMES.finditer(text) if m.lastgroup != "space" and m["space"] is None]
        self._at = 0
        self._analyzer = analyzer
        self._resolve_facet = resolve_facet
        self._keep_stop_words = keep_stop_words
        self.unresolved: list[Note] = []

    def parse(self) -> Node | None:
        node = self._group(depth=0)
        if self._peek() is not None:
            raise _NotAQueryError("a closing parenthesis has no opening one")
        return node

    def _peek(self) -> re.Match[str] | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _next_is(self, group: str, text: str | None = None) -> bool:
        lexeme = self._peek()
        return lexeme is not None and lexeme[group] is not None and (text is None or lexeme[group] == text)

    def _group(self, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise _NotAQueryError("its parentheses are nested too deeply")
        required: list[Node] = []
        optional: list[Node] = []
        excluded: list[Node] = []
        while self._peek() is not None and not self._next_is("close"):
            sign, node = self._alternatives(depth)
            match node:
                case None:
                    continue
                case _ if sign == "-":
                    excluded.append(node)
                case Without(child):
                    excluded.append(child)
                case Word(field=TextField.ANY) | Prefix(field=TextField.ANY) if sign != "+":
                    optional.append(node)
                case _:
                    required.append(node)
        if not required and not excluded and len(optional) == 1:
            return optional[0]
        if not optional and not excluded and len(required) == 1:
            return required[0]
        if not required and not optional and not excluded:
            return None
        # A word that is said twice is still one word.
        return Group(*(tuple(dict.fromkeys(nodes)) for nodes in (required, optional, excluded)))

    def _alternatives(self, depth: int) -> tuple[str, Node | None]:
        sign, first = self._every(depth)
        nodes = [_signed(sign, first)] if self._next_is("operator", "OR") else []
        while self._next_is("operator", "OR"):
            self._at += 1
            nodes.append(_signed(*self._every(depth)))
        if not nodes:
            return sign, first
        kept = tuple(node for node in nodes if node is not None)
        return "", Either(kept) if len(kept) > 1 else (kept[0] if kept else None)

    def _every(self, depth: int) -> tuple[str, Node | None]:
        sign, first = self._unit(depth)
        nodes = [_signed(sign, first)] if self._next_is("operator", "AND") else []
        while self._next_is("operator", "AND"):
            self._at += 1
            nodes.append(_signed(*self._unit(depth)))
        if not nodes:
            return sign, first
        kept = tuple(node for node in nodes if node is not None)
        return "", Every(kept) if len(kept) > 1 else (kept[0] if kept else None)

    def _unit(self, depth: int) -> tuple[str, Node | None]:
        lexeme = self._peek()
        if lexeme is None or lexeme["close"] is not None:
            raise _NotAQueryError("an operator has nothing to work on")
        self._at += 1
        if lexeme["operator"] == "NOT":
            sign, node = self._unit(depth)
            node = _signed(sign, node)
            return "", None if node is None else (node.child if isinstance(node, Without) else Without(node))
        if lexeme["operator"] is not None:
            raise _NotAQueryError(f"{lexeme['operator']} stands where a word should")
        if lexeme["stray"] is not None:
            raise _NotAQueryError("a quotation mark has no partner")
        if lexeme["open"] is not None:
            inner = self._group(depth + 1)
            if not self._next_is("close"):
                raise _NotAQueryError("an opening parenthesis has no closing one")
            self._at += 1
            return lexeme["open_sign"] or "", inner
        if lexeme["phrase"] is not None:
            return lexeme["phrase_sign"] or "", self._scoped(lexeme["phrase_field"], lexeme["words"], phrase=True)
        return lexeme["sign"] or "", self._scoped(lexeme["field"], lexeme["text"], phrase=False)

    def _scoped(self, name: str | None, text: str, *, phrase: bool) -> Node | None:
        key = (name or "").casefold()
        if key in FACET_NAMES:
            facet = FACET_NAMES[key]
            value = self._resolve_facet(facet, text)
            if value is not None:
                return FacetTerm(facet, value)
            self.unresolved.append(Note("unknown_id", f"There is no {facet.value} {text!r}: searched as words."))
            return self._leaf(text, TextField.ANY, phrase=phrase)
        if name is not None and key not in FIELD_NAMES:
            return self._leaf(f"{name}:{text}" if not phrase else text, TextField.ANY, phrase=phrase)
        return self._leaf(text, FIELD_NAMES.get(key, TextField.ANY), phrase=phrase)

    def _leaf(self, text: str, field: TextField, *, phrase: bool) -> Node | None:
        if not phrase and text.endswith("*"):
            words = self._analyzer.words(text.rstrip("*"))
            if len(words) == 1 and len(words[0]) >= _MIN_PREFIX:
                return Prefix(words[0], field)
        tokens = list(self._analyzer.tokens(text))
        if len(tokens) > 1:
            return Phrase(tuple(token.stem for token in tokens), field)
        if not tokens or (self._analyzer.is_stop_word(tokens[0].word) and not self._keep_stop_words):
            return None
        return Word(tokens[0].stem, tokens[0].word, field)


def _signed(sign: str, node: Node | None) -> Node | None:
    if node is None or sign != "-":
        return node
    return node.child if isinstance(node, Without) else Without(node)
