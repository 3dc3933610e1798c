"""The command line as a read path: `--as` shows what one who carries these labels sees."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

from app.cli import main
from holdings.access import PUBLIC
from indexer.hub import Hub
from tests.access.asking import Answer, Leak, Look, require
from tests.access.world import COMMON, Query


def search(look: Look) -> None:
    """`ikhub search --as`: hits, total, snippets and counts."""
    answer = _run(look, ["search", COMMON, "--size", "100", "--json"])
    if answer is None:
        return
    (found,) = answer
    must, may = look.stage.world.found(Query(COMMON), look.viewer, look.now)
    ids = {hit["document_id"] for hit in found["hits"]}
    if ids - may:
        raise Leak(f"{look.reader.name}: ikhub search gives {sorted(ids - may)}")
    require(must <= ids, f"{look.reader.name}: ikhub search does not give {sorted(must - ids)}")
    require(found["total"] == len(ids), f"{look.reader.name}: ikhub search counts {found['total']}")
    if not look.may_read_focus:
        _run(look, ["search", look.focus.word("b")])


def duplicates(look: Look) -> None:
    """`ikhub duplicates list --as`: only relations of which both documents may be read."""
    lines = _run(look, ["duplicates", "list", "--json"])
    if lines is None:
        return
    found = {(line["document_id"], line["other_id"]) for line in lines if line["class"] == "new-version"}
    expected = {pair for pair in look.stage.world.new_versions if set(pair) <= look.readable}
    require(found == expected, f"{look.reader.name}: ikhub duplicates lists {sorted(found)}, not {sorted(expected)}")


def _run(look: Look, arguments: Sequence[str]) -> list[dict[str, Any]] | None:
    """Run a command as one with the reader's labels; return its lines of JSON, None while the engine is away."""
    # Without a label the command that lists relations shows all: everybody is also the public.
    labels = [part for label in sorted(look.viewer.labels | {PUBLIC}) for part in ("--as", label)]
    hub = look.stage.hub
    with (
        patch("app.cli.context.open_hub", _standing(hub)),
        patch("app.cli.context.load_settings", lambda _: hub.settings),
    ):
        result = CliRunner().invoke(main, [*arguments, *labels])
    answer = Answer(result.exit_code, (), result.output)
    look.look_through(answer, f"ikhub {' '.join(arguments)}", asked_for=[a for a in arguments if a.startswith("zq")])
    if look.stage.engine.is_away and arguments[0] == "search":
        require(result.exit_code == 75, f"ikhub search ends with {result.exit_code} without an engine")
        return None
    require(result.exit_code == 0, f"ikhub {' '.join(arguments)} ends with {result.exit_code}: {result.output}")
    return [json.loads(line) for line in result.stdout.splitlines()] if "--json" in arguments else []


def _standing(hub: Hub) -> Any:
    """Return what stands for `open_hub`: the hub that is open already, which stays open."""

    @contextmanager
    def opened(_settings: object) -> Iterator[Hub]:
        yield hub

    return opened
