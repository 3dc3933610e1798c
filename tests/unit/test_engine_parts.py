"""Parts of the engines that need no index: minimum_should_match, revisions, names, what Elasticsearch says."""

from __future__ import annotations

import pytest

from holdings.errors import (
    ConfigurationError,
    EngineUnavailableError,
    HubError,
    IndexOutdatedError,
    SearchRefusedError,
    StorageFullError,
)
from indexer.engines.base import IndexedRevision
from indexer.engines.elasticsearch_errors import meaning
from indexer.engines.naming import is_generation_name, new_generation_name
from indexer.engines.options import required_matches
from indexer.engines.revisions import merged


@pytest.mark.parametrize(
    ("spec", "required"),
    [
        (2, [2, 2, 2, 2, 2]),
        ("75", [75, 75, 75, 75, 75]),
        ("3<75%", [1, 2, 3, 3, 3]),
        ("75%", [0, 1, 2, 3, 3]),
        ("-25%", [1, 2, 3, 3, 4]),
        (" 2 < -1  4<50% ", [1, 2, 2, 3, 2]),
        ("-2", [0, 0, 1, 2, 3]),
        ("+1", [1, 1, 1, 1, 1]),
        ("100%", [1, 2, 3, 4, 5]),
        ("0%", [0, 0, 0, 0, 0]),
    ],
)
def test_how_many_must_match(spec: int | str, required: list[int]) -> None:
    assert [required_matches(spec, optional) for optional in range(1, 6)] == required


@pytest.mark.parametrize("spec", ["", "many", "<75%", "3<", "3<x", "1.5", "75 %", "3<75% x"])
def test_a_minimum_that_is_none(spec: str) -> None:
    with pytest.raises(SearchRefusedError):
        required_matches(spec, 5)


def test_pages_without_their_document_are_an_entry_that_the_check_finds() -> None:
    documents = [("a", 3, 1), ("b", 2, 2), ("d", 1, 1)]
    pages = [("a", 12), ("c", 4), ("d", 1)]
    assert list(merged(documents, pages)) == [
        IndexedRevision("a", 3, 1, 12),
        IndexedRevision("b", 2, 2, 0),
        IndexedRevision("c", 0, 0, 4),
        IndexedRevision("d", 1, 1, 1),
    ]


def test_names_of_generations_sort_by_age() -> None:
    names = [new_generation_name() for _ in range(50)]
    assert all(is_generation_name(name) for name in names)
    assert [name[:21] for name in names] == sorted(name[:21] for name in names)
    assert not any(is_generation_name(text) for text in ("", "..", "notes", names[0] + "/..", names[0].upper()))


@pytest.mark.parametrize(
    ("status", "kind", "reason", "expected"),
    [
        (429, "cluster_block_exception", "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage]", StorageFullError),
        (403, "cluster_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked]", StorageFullError),
        (503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state]", EngineUnavailableError),
        (429, "circuit_breaking_exception", "Data too large", EngineUnavailableError),
        (503, "no_shard_available_action_exception", "no shard", EngineUnavailableError),
        (500, "", "", EngineUnavailableError),
        (404, "index_not_found_exception", "no such index", IndexOutdatedError),
        (400, "parsing_exception", "unknown query", SearchRefusedError),
        (401, "security_exception", "missing credentials", ConfigurationError),
    ],
)
def test_what_elasticsearch_says_means(status: int, kind: str, reason: str, expected: type[HubError]) -> None:
    cause = {"type": kind, "reason": reason}
    for body in (
        {"error": {"root_cause": [cause], **cause}, "status": status},
        {"error": {"root_cause": [], **cause}},
        {"error": {**cause, "caused_by": {"type": "other", "reason": "deeper"}}},
    ):
        error = meaning(status, body)
        assert type(error) is expected
        assert reason in error.message


def test_an_error_that_is_not_elasticsearchs() -> None:
    """A proxy in between answers in HTML, or with nothing."""
    bodies: tuple[object, ...] = ("<html>Bad gateway</html>", None, [], {"error": "text"}, {})
    for body in bodies:
        assert type(meaning(502, body)) is EngineUnavailableError
