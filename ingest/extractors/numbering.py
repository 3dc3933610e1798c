"""The numbers that Word writes itself: of headings ("BAB I", "Pasal 1", "1.2.") and of lists ("a.", "(1)").

They stand nowhere in the text. A paragraph refers, itself or by its style, to an instance of a list; the instance to a
definition with a pattern for each level, which instances share, and with it the count. What the standard (ECMA-376,
part 1, 17.9) leaves open is done as Word does, after its implementation notes [MS-OI29500].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from ingest.extractors.elements import Element, attribute, child_of, chosen, is_on

_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MAX_ROMAN = 3_999
_MAX_LETTERS = 26 * 30
_SUFFIXES = {"nothing": "", "space": " ", "tab": " "}


@dataclass(frozen=True, slots=True)
class StyleNumbering:
    """What a paragraph style says of numbers: an instance of a list and a level, of its own or inherited.

    `styles` are the style and those that it is based on: a level of the list may name one of them as its own.
    """

    instance: str | None
    level: int | None
    styles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    pattern: str
    suffix: str
    restart: int | None
    in_decimals: bool
    style: str | None
    digits: int


@dataclass(frozen=True, slots=True)
class _Instance:
    definition: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]


@dataclass(slots=True)
class Numbering:
    """Counts the numbered paragraphs of one story, in order, and gives each its label."""

    _instances: Mapping[str, _Instance] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    def afresh(self) -> Self:
        """Return the same lists with nothing counted: notes and text boxes count for themselves."""
        return type(self)(self._instances)

    def label(self, properties: Element | None, style: StyleNumbering | None) -> str:
        """Count a paragraph, and return its number with what parts it from the text; empty for a bullet or none."""
        own = child_of(properties, "numPr")
        if style is None and own is None:
            return ""
        identifier = attribute(child_of(own, "numId"), "val") or (style.instance if style is not None else None) or ""
        # An instance "0" takes the numbers away that a style gives.
        instance = self._instances.get(identifier)
        if instance is None:
            return ""
        stated = whole_number(child_of(own, "ilvl"))
        if stated is None:
            # The level of a direct reference to a list is the first, that of a style is told by list or style.
            stated = 0 if child_of(own, "numId") is not None or style is None else _level_of(instance, style)
        return self._next(identifier, instance, stated)

    def _next(self, identifier: str, instance: _Instance, at: int) -> str:
        level = instance.levels.get(at)
        if level is None:
            return ""
        counts = self._counts.setdefault(instance.definition, {})
        if (identifier, at) not in self._begun:
            self._begun.add((identifier, at))
            if at in instance.starts:
                counts.pop(at, None)
        counts[at] = counts[at] + 1 if at in counts else instance.starts.get(at, level.start)
        for deeper in [other for other in counts if other > at]:
            restart = instance.levels[deeper].restart if deeper in instance.levels else None
            if restart is None or at < restart:
                del counts[deeper]
        if level.form == "bullet":
            return ""

        def number(found: re.Match[str]) -> str:
            place = int(found[1]) - 1
            other = instance.levels.get(place)
            if other is None:
                return ""
            count = counts.get(place, instance.starts.get(place, other.start))
            return numeral(count, "decimal" if level.in_decimals else other.form, other.digits)

        text = _PLACEHOLDER.sub(number, level.pattern).strip()
        return text + level.suffix if text else ""


def read_numbering(root: Element, styles: Mapping[str, StyleNumbering]) -> Numbering:
    """Return the lists that a numbering part defines; `styles` are asked where a list refers to one."""
    definitions = {attribute(d, "abstractNumId"): d for d in root.iterchildren("{*}abstractNum")}
    listed = {attribute(n, "numId") or "": n for n in root.iterchildren("{*}num")}
    instances: dict[str, _Instance] = {}
    for identifier, element in listed.items():
        name = attribute(child_of(element, "abstractNumId"), "val")
        definition = definitions.get(name)
        linked = styles.get(attribute(child_of(definition, "numStyleLink"), "val") or "")
        if linked is not None and linked.instance in listed:
            # A style of lists: what it looks like is defined where the style refers to.
            name = attribute(child_of(listed[linked.instance], "abstractNumId"), "val")
            definition = definitions.get(name)
        if definition is None or name is None:
            continue
        levels = _levels(definition)
        starts: dict[int, int] = {}
        for override in element.iterchildren("{*}lvlOverride"):
            at = _whole(attribute(override, "ilvl"))
            start = whole_number(child_of(override, "startOverride"))
            # Word takes over when to restart from the definition.
            for own in _levels(override).values():
                if at is not None:
                    levels[at] = replace(own, restart=levels[at].restart if at in levels else None)
            if at is not None and start is not None:
                starts[at] = start
        instances[identifier] = _Instance(name, levels, starts)
    return Numbering(instances)


def _levels(container: Element) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for element in container.iterchildren("{*}lvl"):
        at = _whole(attribute(element, "ilvl"))
        if at is None:
            continue
        form_element = child_of(element, "numFmt")
        alternatives = child_of(element, "AlternateContent")
        if form_element is None and alternatives is not None:
            form_element = child_of(chosen(alternatives), "numFmt")
        example = (attribute(form_element, "format") or "").partition(",")[0].strip()
        is_hidden = is_on(child_of(child_of(element, "rPr"), "vanish"))
        levels[at] = _Level(
            start=whole_number(child_of(element, "start")) or 0,
            form=attribute(form_element, "val") or "decimal",
            pattern="" if is_hidden else attribute(child_of(element, "lvlText"), "val") or "",
            suffix=_SUFFIXES.get(attribute(child_of(element, "suff"), "val") or "tab", " "),
            restart=whole_number(child_of(element, "lvlRestart")),
            in_decimals=is_on(child_of(element, "isLgl")),
            style=attribute(child_of(element, "pStyle"), "val"),
            digits=len(example) if example.isdigit() else 1,
        )
    return levels


def _level_of(instance: _Instance, style: StyleNumbering) -> int:
    by_style = {level.style: at for at, level in instance.levels.items() if level.style is not None}
    return next((by_style[name] for name in style.styles if name in by_style), style.level or 0)


def numeral(number: int, form: str, digits: int = 1) -> str:
    """Return a number in one of Word's forms (ST_NumberFormat); in digits where the form is not known."""
    match form:
        case "none" | "bullet":
            return ""
        case "decimalZero":
            return f"{number:02}"
        case "lowerRoman" | "upperRoman" if 0 < number <= _MAX_ROMAN:
            return _cased(_roman(number), form)
        case "lowerLetter" | "upperLetter" if 0 < number <= _MAX_LETTERS:
            # After z comes aa, then bb.
            times, letter = divmod(number - 1, 26)
            return _cased(chr(ord("a") + letter) * (times + 1), form)
        case "ordinal":
            ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            return f"{number}{ending}"
        case "hex":
            return f"{number:X}"
    return f"{number:0{digits}}"


def _cased(text: str, form: str) -> str:
    return text.upper() if form.startswith("upper") else text


def _roman(number: int) -> str:
    letters: list[str] = []
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        letters.append(sign * times)
    return "".join(letters)


def whole_number(element: Element | None) -> int | None:
    """Return the number that is an element's value; None where there is none."""
    return _whole(attribute(element, "val"))


def _whole(value: str | None) -> int | None:
    return int(value) if value and len(value) < 10 and value.isascii() and value.isdigit() else None
