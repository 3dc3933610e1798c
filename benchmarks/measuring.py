"""Taking figures: timings beside a peer in turn, peak memory, and the description of the machine."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `peer` is the same measure of the peer, `ratio` is value by peer."""

    group: str
    what: str
    value: float
    unit: str
    peer_name: str = ""
    peer: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.peer if self.peer else None


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of many calls."""

    p50: float
    p95: float


def timings(milliseconds: Sequence[float]) -> Timings:
    ordered = sorted(milliseconds)
    return Timings(statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])


def in_turn(calls: Sequence[tuple[Callable[[], object], Callable[[], object]]], rounds: int) -> tuple[Timings, Timings]:
    """Time pairs of calls in turn, A B A B …, so that the machine's moods meet both alike; return both timings."""
    first: list[float] = []
    second: list[float] = []
    for number in range(rounds + 1):
        for call, peer in calls:
            for timed, into in ((call, first), (peer, second)):
                began = time.perf_counter()
                timed()
                if number:  # the first round warms up
                    into.append((time.perf_counter() - began) * 1000)
    return timings(first), timings(second)


def peak_memory_mb(*, children: bool = False) -> float:
    """Return the peak resident memory of this process, or of the largest child that has ended, in MB."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss / 1024


def machine() -> dict[str, Any]:
    """Return what the figures were taken on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": model,
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 1024 / 1024, 1),
        "versions": {
            name: version(name) for name in ("tantivy", "elasticsearch", "pdfminer.six", "sqlalchemy", "flask")
        },
    }


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def keep(name: str, figures: Sequence[Figure]) -> Path:
    """Write the figures as JSON with the machine's description, and return where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {"machine": machine(), "figures": [{**asdict(f), "ratio": f.ratio} for f in figures]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| | what | value | peer | ratio |", "|---|---|---|---|---|"]
    for figure in figures:
        peer = f"{figure.peer:.4g} ({figure.peer_name})" if figure.peer is not None else ""
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else ""
        lines.append(f"| {figure.group} | {figure.what} | {figure.value:.4g} {figure.unit} | {peer} | {ratio} |")
    return "\n".join(lines)
