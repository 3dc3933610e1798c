"""What the log looks like: one line an entry, whatever the words in it hold."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any, TextIO

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Formatter):
    """A formatter that spells out line breaks and control characters: nobody can forge an entry by what they type.

    A traceback keeps its lines and is indented under its entry. Times are UTC.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        return _CONTROL.sub(_spelt, super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "  " + super().formatException(ei).replace("\r", "\\r").replace("\n", "\n  ")


def configure(level: str | int, stream: TextIO | None = None) -> None:
    """Have everything from `level` on written to standard error, or to `stream`. For entry points only."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(OneLine(_FORMAT))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _spelt(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
