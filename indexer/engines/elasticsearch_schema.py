"""Settings and mappings of the Elasticsearch indices, from the one declaration of fields.

Only fields of stems are ranked by BM25 (its defaults, as in the embedded engine); any other match counts 1.
"""

from __future__ import annotations

from typing import Any

from indexer.engines.admission import KINDS
from indexer.model import MAX_WINDOW
from indexer.schema import FieldKind, IndexName

_MAPPINGS: dict[FieldKind, dict[str, Any]] = {
    FieldKind.STEMS: {"type": "text", "analyzer": "whitespace"},
    FieldKind.WORDS: {
        "type": "text",
        "analyzer": "whitespace",
        "index_options": "docs",
        "norms": False,
        "similarity": "boolean",
    },
    FieldKind.KEYWORD: {"type": "keyword", "similarity": "boolean"},
    FieldKind.INTEGER: {"type": "long", "coerce": False},
    FieldKind.STORED: {"type": "object", "enabled": False},
}


def index_settings(replicas: int) -> dict[str, Any]:
    """Return the settings of each index. Writing refreshes when it has ended; nothing is seen before."""
    return {
        "number_of_shards": 1,
        "number_of_replicas": replicas,
        "refresh_interval": "-1",
        "max_result_window": MAX_WINDOW,
    }


def mappings(index: IndexName, version: str) -> dict[str, Any]:
    """Return the mappings of an index. Texts are searched, not kept: a hit carries `stored` alone."""
    return {
        "dynamic": "strict",
        "_meta": {"version": version},
        "_source": {"includes": ["stored"]},
        "properties": {field: _MAPPINGS[kind] for field, kind in KINDS[index].items()},
    }
