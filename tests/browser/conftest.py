"""A real server over the samples, for the browser."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import pytest

from holdings.settings import Settings
from tests.conftest import ROOT

_SERVE = "from holdings.settings import load_settings\nfrom app.server import serve\nserve(load_settings())"
_START_SECONDS = 60
_END_SECONDS = 30


@contextmanager
def serving(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a hub as `ikhub serve` does, on a free port unless one is named; give the address, and the process.

    What its settings have besides the data folder must be in the `environment`.
    """
    environment = {"IKHUB_APP__PORT": "0", "IKHUB_APP__WORKERS": "1", **environment}
    environment |= {"IKHUB_DATA": str(settings.data), "IKHUB_CONFIG": os.devnull, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _address(process), process
        finally:
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


def _address(process: subprocess.Popen[str]) -> str:
    said: queue.Queue[str] = queue.Queue()

    def read(lines: IO[str]) -> None:
        for line in lines:
            said.put(line)

    assert process.stdout is not None
    threading.Thread(target=read, args=(process.stdout,), daemon=True).start()
    line = said.get(timeout=_START_SECONDS)
    found = re.search(r"http://\S+", line)
    assert found, line
    return found.group()


@pytest.fixture(scope="session")
def live_server_url(sample_settings: Settings) -> Iterator[str]:
    """The address of a server over the samples, without a slash at its end."""
    with serving(sample_settings) as (address, _process):
        yield address
