"""Running the stateful suite: bounded and always the same in the tests, long and by a seed in the benchmarks."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.access.machine import Ledger, machine_of
from tests.access.paths import PATHS, Path
from tests.access.stage import Stage


def run(
    stage: Stage,
    *,
    examples: int,
    steps: int,
    paths: Mapping[str, Path] = PATHS,
    by_seed: int | None = None,
    ledger: Ledger | None = None,
) -> Ledger:
    """Run so many examples of so many steps each; return what was done. Raises the first Leak that is found."""
    done = ledger or Ledger()
    machine = machine_of(stage, done, paths)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=by_seed is None,
        database=None,
        # To look for a smaller example would take minutes.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(machine if by_seed is None else seed(by_seed)(machine), settings=chosen)
    except Exception as error:
        if done.leak is None:
            raise
        # What hypothesis says of running the example again is of no interest.
        raise done.leak from error
    return done
