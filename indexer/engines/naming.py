"""Names of generations, the same for both engines: they sort by age, and fit into the name of a folder or an index."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

_NAME = re.compile(r"g\d{20}-[0-9a-f]{6}")


def new_generation_name() -> str:
    """Return a name that was not used before and sorts after all that were."""
    return f"g{datetime.now(UTC):%Y%m%d%H%M%S%f}-{secrets.token_hex(3)}"


def is_generation_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None
