"""Memory of searching: a process that only searches, on a small and on a large corpus."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.corpora import QUERIES
from benchmarks.measuring import Figure
from indexer.hub import Hub

ROOT = Path(__file__).parents[1]

_SEARCH = """
import json, sys
from holdings.settings import Settings
from indexer.discover import discover
from indexer.hub import open_hub
from indexer.model import SearchRequest
with open_hub(Settings.model_validate_json(sys.argv[1])) as hub:
    for query in sys.argv[2:] * 3:
        discover(hub, SearchRequest(query=query))
    status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({name: int(status[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile")}))
"""


def memory_figures(small: Hub, large: Hub) -> list[Figure]:
    """Return the memory of a searching process on `large` beside that on `small`.

    Its own memory is what counts; pages of the index that the system keeps mapped are given back when they are needed.
    """
    few, many = _searching(small), _searching(large)
    group = f"memory of searching, {large.engine.name}"
    return [
        Figure(group, "own memory, 20,000 documents", many["RssAnon"], "MB", "277 documents", few["RssAnon"]),
        Figure(group, "mapped files, 20,000 documents", many["RssFile"], "MB", "277 documents", few["RssFile"]),
    ]


def _searching(hub: Hub) -> dict[str, float]:
    command = [sys.executable, "-c", _SEARCH, hub.settings.model_dump_json(), *QUERIES]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said: dict[str, float] = json.loads(done.stdout)
    return said
