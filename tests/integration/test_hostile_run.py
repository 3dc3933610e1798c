"""All hostile files in one run of the whole pipeline: each ends with a coded receipt, and nobody is lost."""

from __future__ import annotations

import os
import resource
from collections import Counter
from pathlib import Path

from holdings import arrivals
from holdings.errors import FileOutcome
from indexer.hub import Hub
from indexer.synchronise import check
from ingest import work
from tests.services.process import command_of, descendants

# What a run of all of them may take, on two busy processors: it takes one minute on quiet ones.
_MOST_SECONDS = 900


def test_every_hostile_file_ends_with_a_coded_receipt(hub: Hub, corpus: Path) -> None:
    ids = work.receive(hub, [corpus / "hostile"])
    assert len(ids) > 300
    limits = hub.settings.ingest.limits
    summary = work.finish(hub, ids, max_seconds=_MOST_SECONDS)
    assert (summary.waiting, summary.stopped_by) == (0, None)
    with hub.catalogue.read() as session:
        receipts = arrivals.get_many(session, arrivals.all_ids(session))
    outcomes = Counter(r.error.code if r.error else r.outcome.value if r.outcome else "none" for r in receipts)
    for receipt in receipts:
        in_the_hub = receipt.outcome in (FileOutcome.INGESTED, FileOutcome.DUPLICATE, FileOutcome.UNPACKED)
        assert in_the_hub or receipt.error is not None, receipt
        assert receipt.error is None or (receipt.error.message and receipt.error.advice)
        assert receipt.seconds < limits.seconds + 60, receipt
    assert set(outcomes) <= {
        "ingested", "duplicate", "unpacked", "encrypted", "corrupt", "unsupported_format", "empty", "unsafe",
        "archive_bomb", "too_large", "timeout", "out_of_memory",
    }, outcomes  # fmt: skip
    # What is readable in a damaged file is read.
    assert outcomes["ingested"] > 220, outcomes
    assert outcomes["corrupt"] < 30, outcomes
    assert outcomes["encrypted"] > 30, outcomes
    assert [command for command in map(command_of, descendants(os.getpid())) if "sandbox_child" in command] == []
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    assert peak_mb < limits.memory_mb * 1.05
    assert list(check(hub)) == []
