"""The access suite, long: `python -m benchmarks.access --steps 20000 --engine embedded`.

Runs `tests.access` on one engine until so many steps were generated, and says what was compared and how long it took.
Ends with 1 at the first leak, with the steps that led to it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.access.asking import Leak
from tests.access.conftest import stage_on
from tests.access.machine import Ledger
from tests.access.running import run

_EXAMPLES_AT_A_TIME = 10
_STEPS_OF_AN_EXAMPLE = 100


def main() -> None:
    """Run as many steps as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--engine", choices=["embedded", "elasticsearch"], default="embedded")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    # Each step without an engine is one in the log.
    logging.disable(logging.CRITICAL)
    ledger, began, cpu = Ledger(), time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="ikhub-access-") as folder, _server(asked.engine) as url:
        for portion in range(sys.maxsize):
            # A stage of its own for each portion: what was taken out of the hub stays recorded, and slows it down.
            with stage_on(asked.engine, Path(folder) / str(portion), url) as stage:
                try:
                    run(
                        stage,
                        examples=_EXAMPLES_AT_A_TIME,
                        steps=_STEPS_OF_AN_EXAMPLE,
                        by_seed=asked.seed + portion,
                        ledger=ledger,
                    )
                except Leak as leak:
                    print(f"A leak after {ledger.steps} steps, with seed {asked.seed + portion}: {leak}")
                    print("\n".join(getattr(leak.__cause__, "__notes__", [])))
                    raise SystemExit(1) from None
            print(f"{ledger.steps} steps, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
            if ledger.steps >= asked.steps:
                break
    print(_account(asked.engine, ledger, time.perf_counter() - began, time.process_time() - cpu))


def _account(engine: str, ledger: Ledger, seconds: float, cpu: float) -> str:
    looks = sum(ledger.looks.values())
    lines = [
        f"{engine}: {ledger.steps:,} steps, {looks:,} looks by {len(ledger.looks)} paths, 0 leaks, "
        f"{seconds / 60:.1f} min, {cpu / 60:.1f} min of processor",
        "",
        "| path | looks | ms each |",
        "|---|---|---|",
        *(f"| {p} | {n:,} | {ledger.seconds[p] / n * 1000:.1f} |" for p, n in sorted(ledger.looks.items())),
    ]
    return "\n".join(lines)


@contextlib.contextmanager
def _server(engine: str) -> Iterator[str]:
    if engine == "embedded":
        yield ""
        return
    from tests.elasticsearch.node import ElasticsearchNode

    with ElasticsearchNode() as node:
        yield node.url


if __name__ == "__main__":
    main()
