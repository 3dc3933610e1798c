"""Which entries of the audit log a function can leave, read from the code: its own, and those of what it calls.

Calls are followed by name through the project's modules; what is passed on as a value, or stands in a table of a
module, counts as called. So it errs to the side of too many: that an entry is left indeed, the tests of each part see.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeGuard

from holdings import audit

_CODE = Path(__file__).parents[2]
_ROOMS = ("app.", "desk.", "ingest.", "indexer.", "holdings.")
# What stands for a part of an action that is not known before it is taken.
ANY = "*"


def actions_of(function: Callable[..., Any]) -> frozenset[str]:
    """Return the actions that a function can put into the audit log."""
    found: set[str] = set()
    seen: set[object] = set()
    waiting: list[object] = [inspect.unwrap(function)]
    while waiting:
        one = waiting.pop()
        if one in seen or not _is_ours(one):
            continue
        seen.add(one)
        found.update(_own_actions(one))
        waiting += _named_in(one)
    return frozenset(found)


def _is_ours(one: object) -> TypeGuard[FunctionType]:
    return isinstance(one, FunctionType) and f"{one.__module__}.".startswith(_ROOMS) and one is not audit.append


@cache
def _tree(function: FunctionType) -> ast.AST:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return ast.Module([], [])  # made by a dataclass, or a lambda within a table


def _own_actions(function: FunctionType) -> Iterator[str]:
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Call) and _value(node.func, function.__globals__) is audit.append:
            yield from _written(node.args[2], function.__globals__)


def written_anywhere() -> tuple[frozenset[str], frozenset[str]]:
    """Return the actions, and the types of subjects, that stand in the code where entries are appended."""
    actions: set[str] = set()
    types: set[str] = set()
    for file in (file for room in _ROOMS for file in (_CODE / room.rstrip(".")).rglob("*.py")):
        code = file.read_text(encoding="utf-8")
        if "audit.append(" not in code:
            continue
        names = vars(import_module(".".join(file.relative_to(_CODE).with_suffix("").parts)))
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and _value(node.func, names) is audit.append:
                actions.update(_written(node.args[2], names))
                types.update(_written(node.args[3], names))
    return frozenset(actions), frozenset(types)


def _written(node: ast.expr, names: Mapping[str, Any]) -> Iterator[str]:
    """Yield what an expression for an action can be."""
    if isinstance(node, ast.IfExp):
        yield from _written(node.body, names)
        yield from _written(node.orelse, names)
    elif isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else _part(part, names) for part in node.values)
    else:
        value = _value(node, names)
        yield str(value) if value is not None else ANY


def _part(node: ast.expr, names: Mapping[str, Any]) -> str:
    value = _value(node.value, names) if isinstance(node, ast.FormattedValue) else None
    return str(value) if value is not None else ANY


def _named_in(function: FunctionType) -> Iterator[FunctionType]:
    """Yield the functions that a function names."""
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Name | ast.Attribute):
            yield from _functions(_value(node, function.__globals__))


def _functions(value: object) -> Iterator[FunctionType]:
    if isinstance(value, FunctionType):
        yield inspect.unwrap(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _functions(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _functions(one)
    elif inspect.isclass(value) and f"{value.__module__}.".startswith(_ROOMS):
        yield from (one for one in vars(value).values() if isinstance(one, FunctionType))


def _value(node: ast.expr, names: Mapping[str, Any]) -> object:
    """Return what a name, or a name in a module or a class, stands for; None where that is not known."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        holder = _value(node.value, names)
        if isinstance(holder, ModuleType) or inspect.isclass(holder):
            return getattr(holder, node.attr, None)
    return None
