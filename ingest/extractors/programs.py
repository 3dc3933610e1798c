"""Programs that readers start, such as LibreOffice and tesseract."""

from __future__ import annotations

import signal


class ProgramKilledError(Exception):
    """A program that a reader had started was killed, by somebody or for want of memory.

    The reading process shares its fate (`ingest.sandbox_child`), so that the sandbox treats both alike.
    """


def check_not_killed(return_code: int) -> None:
    """Raise ProgramKilledError for the return code of a program that was killed."""
    if return_code == -signal.SIGKILL:
        raise ProgramKilledError
