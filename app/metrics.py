"""Figures for Prometheus, read from the catalogue when they are asked for.

The catalogue knows what every worker has done, on any machine and from cron, so that one exporter is enough and nothing
is lost with a process.
"""

from __future__ import annotations

import logging
import shutil
import signal
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import click
from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from holdings import mails
from holdings.errors import HubError
from indexer.hub import Hub
from ingest.status import Status, status

log = logging.getLogger(__name__)


class HubCollector(Collector):
    """Gives the state of a hub as metrics. `ikhub_up` is 0 while the catalogue does not answer."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        try:
            found = status(self._hub)
            with self._hub.catalogue.read() as session:
                letters = {state.value: number for state, number in mails.counts(session).items()}
        except HubError as error:
            log.warning("no figures: %s", error.message)
            yield _gauge("ikhub_up", "Whether the catalogue answers.", 0)
            return
        yield _gauge("ikhub_up", "Whether the catalogue answers.", 1)
        yield from _metrics(found)
        yield _by("state", "ikhub_letters", "Letters, by whether they went.", letters)
        free = shutil.disk_usage(self._hub.settings.data).free
        yield _gauge("ikhub_data_free_bytes", "Free space where the data folder is.", free)


def _metrics(found: Status) -> Iterator[Metric]:
    yield _by("outcome", "ikhub_files", "Files that were added, by what became of them.", found.files)
    yield _by(
        "code",
        "ikhub_files_standing",
        "Files that failed or were rejected and were not replaced since, by code.",
        found.standing_by_code,
    )
    waited = found.oldest_waiting_seconds or 0.0
    yield _gauge("ikhub_oldest_waiting_seconds", "How long the oldest file waits to be read.", waited)
    yield _gauge("ikhub_documents", "Documents in the hub.", found.documents)
    yield _gauge("ikhub_pages", "Pages of these documents.", found.pages)
    yield _gauge("ikhub_pages_without_text", "Pages without text.", found.pages_without_text)
    yield _gauge("ikhub_pages_awaiting_ocr", "Pages that wait for OCR.", found.pages_awaiting_ocr)
    yield _gauge("ikhub_documents_to_compare", "Documents not compared with the others.", found.documents_to_compare)
    yield _gauge("ikhub_engine_up", "Whether the search engine answers.", found.documents_to_index is not None)
    if found.documents_to_index is not None:
        yield _gauge("ikhub_documents_to_index", "Documents that the index lacks.", found.documents_to_index)
    yield _gauge("ikhub_ocr_available", "Whether tesseract is installed here.", found.ocr is not None)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))


def _by(label: str, name: str, text: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(name, text, labels=[label])
    for key, number in sorted(values.items()):
        metric.add_metric([key], number)
    return metric


def registry_of(hub: Hub) -> CollectorRegistry:
    """Return a registry with the figures of a hub and nothing of this process."""
    registry = CollectorRegistry()
    registry.register(HubCollector(hub))
    return registry


def write_metrics(hub: Hub, path: Path) -> None:
    """Write the figures to a file, whole or not at all."""
    write_to_textfile(str(path), registry_of(hub))


def serve_metrics(hub: Hub, host: str, port: int) -> None:
    """Serve the figures until a signal says stop."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    server, thread = start_http_server(port, host, registry_of(hub))
    click.echo(f"Metrics at http://{host}:{server.server_port}/metrics")
    stop.wait()
    server.shutdown()
    server.server_close()
    thread.join()
