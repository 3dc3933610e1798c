"""Everyone sees exactly what they may: the stateful suite, bounded. `python -m benchmarks.access` runs it long."""

from __future__ import annotations

from tests.access.paths import PATHS
from tests.access.running import run
from tests.access.stage import Stage

_EXAMPLES = {"embedded": 6, "elasticsearch": 3}
_STEPS = 25


def test_every_read_path_shows_what_its_reader_may_read(any_stage: Stage) -> None:
    ledger = run(any_stage, examples=_EXAMPLES[any_stage.hub.engine.name], steps=_STEPS)
    assert ledger.looks.keys() == PATHS.keys(), "a path was never gone through"
