"""From what Elasticsearch and its client raise to the errors of the hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, SerializationError, TransportError, UnsupportedProductError

from holdings.errors import (
    ConfigurationError,
    EngineUnavailableError,
    HubError,
    IndexOutdatedError,
    SearchRefusedError,
    StorageFullError,
)

# Ids of the blocks that Elasticsearch sets when its disk fills up: no new index, and no more writing.
_DISK_BLOCKS = ("/10/", "/12/")


@contextmanager
def elasticsearch_errors() -> Iterator[None]:
    """Translate what the client raises in the block."""
    try:
        yield
    except ApiError as error:
        raise meaning(error.status_code, error.body) from error
    except (SerializationError, RecursionError) as error:
        raise SearchRefusedError(f"The search cannot be written as JSON: {error}") from error
    except UnsupportedProductError as error:
        raise EngineUnavailableError("What answers at indexer.elasticsearch.url is not Elasticsearch") from error
    except TransportError as error:
        raise EngineUnavailableError(f"Elasticsearch does not answer: {error.message}") from error


def meaning(status: int, body: Any) -> HubError:
    """Return the error of the hub for an answer that is not a success: its status, and what it says of the error."""
    described = body.get("error", body) if isinstance(body, Mapping) else body
    kind, reason = _kind_and_reason(described)
    if kind == "cluster_block_exception" and any(block in reason for block in _DISK_BLOCKS):
        return StorageFullError(
            f"Elasticsearch has stopped writing, its disk is full: {reason}",
            advice="Free space on the disk of Elasticsearch, then run `ikhub index sync`: it goes on from there.",
        )
    if status == 404:
        return IndexOutdatedError(f"There is no Elasticsearch index yet: {reason}")
    if status == 400:
        return SearchRefusedError(f"Elasticsearch refused the request: {reason}")
    if status in (401, 403):
        return ConfigurationError(
            f"Elasticsearch does not let the hub in: {reason}",
            advice="Set IKHUB_INDEXER__ELASTICSEARCH__API_KEY, or the user name and password, to what it accepts.",
        )
    return EngineUnavailableError(f"Elasticsearch cannot serve now (status {status}): {reason}")


def _kind_and_reason(described: Any) -> tuple[str, str]:
    """Return the type of an error, and its reason with that of its deepest cause."""
    if not isinstance(described, Mapping):
        return "", str(described)
    causes = described.get("root_cause") or [described]
    deepest = described if "caused_by" in described else causes[0]
    while isinstance(deepest.get("caused_by"), Mapping):
        deepest = deepest["caused_by"]
    reasons = dict.fromkeys(str(cause.get("reason", "")) for cause in (causes[0], deepest))
    return str(causes[0].get("type", "")), ": ".join(reasons)
