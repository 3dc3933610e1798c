"""A real Elasticsearch node for tests, where there is no Docker and no package (README.md beside this says how).

`python -m tests.elasticsearch.node --port 9200` runs one in the foreground for a developer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.elasticsearch.home import elasticsearch_home
from tests.services.components import JAVA
from tests.services.process import ServerProcess, Service, free_port, hand_over, readable_copy, service_folder

_START_SECONDS = 120
_JAVA_OPTIONS = (
    "-Xss1m",
    "-XX:-OmitStackTraceInFastThrow",
    "-Djava.awt.headless=true",
    "-Dlog4j.shutdownHookEnabled=false",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.noUnsafe=true",
    "-Dio.netty.noKeySetOptimization=true",
    "-Dio.netty.recycler.maxCapacityPerThread=0",
    "--add-modules=ALL-MODULE-PATH",
    "--enable-native-access=ALL-UNNAMED,org.elasticsearch.nativeaccess,org.apache.lucene.core",
)


class ElasticsearchNode(Service):
    """A node on 127.0.0.1 with an empty data folder, which lives until the context ends; a context manager.

    `settings` are Elasticsearch's; with `discovery.seed_hosts` (and `cluster.initial_master_nodes`) among them the
    node joins others of the same `cluster.name`, else it is alone.

    Raises:
        MissingComponentError: Java is missing, or Maven where nothing has been put together yet.
        ServiceError: it cannot be put together, or does not start.
    """

    def __init__(
        self,
        *,
        name: str = "node-1",
        port: int | None = None,
        transport_port: int | None = None,
        heap_mb: int = 512,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        java, home = JAVA.path(), elasticsearch_home()
        self.port = port or free_port()
        self.transport_port = transport_port or free_port()
        self._folder = service_folder("elasticsearch")
        # Where the checkout is closed to other users, what the node reads is copied to where it is not.
        java = readable_copy(java, "bin/java", self._folder)
        home = readable_copy(home, "launcher/Launcher.class", self._folder)
        own = {each: self._folder / each for each in ("config", "data", "logs", "tmp")}
        for folder in own.values():
            folder.mkdir()
            hand_over(folder)
        node_settings = {
            "node.name": name,
            "cluster.name": "ikhub-tests",
            "path.home": str(home),
            "path.data": str(own["data"]),
            "path.logs": str(own["logs"]),
            "network.host": "127.0.0.1",
            "http.port": str(self.port),
            "transport.port": str(self.transport_port),
            # A full disk of the developer's must not turn the indices read-only.
            "cluster.routing.allocation.disk.threshold_enabled": "false",
            # Elasticsearch lifts a block for a full disk when it looks again: not while a test has set one by hand.
            "cluster.info.update.interval": "1h",
            "logger.level": "INFO",
            # The native libraries are not published; it says so with a stack trace.
            "logger.org.elasticsearch.nativeaccess.NativeAccess": "ERROR",
            **(settings or {}),
        }
        if "discovery.seed_hosts" not in node_settings:
            node_settings["discovery.type"] = "single-node"
        command = [
            str(java / "bin" / "java"),
            *(f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m", f"-Djava.io.tmpdir={own['tmp']}"),
            *_JAVA_OPTIONS,
            *("--module-path", str(home / "lib"), "--class-path", str(home / "launcher")),
            *("Launcher", str(own["config"]), str(home / "modules")),
            *(f"{key}={value}" for key, value in node_settings.items()),
        ]
        self._process = ServerProcess(command, self._folder)

    @property
    def url(self) -> str:
        """The node's address; the same after a restart."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """The file of the node's log."""
        return self._process.log

    @property
    def running(self) -> bool:
        """Whether the node's process is there."""
        return self._process.running

    def launch(self) -> None:
        """Start the process without waiting, as the first nodes of a cluster must be."""
        self._process.launch()

    def wait_until_ready(self) -> None:
        """Wait until the node answers and every primary shard is there."""
        self._process.wait_until(lambda: is_ready(self.url), _START_SECONDS)

    def start(self) -> None:
        """Start the node, with the data and the port that it had, and wait until it is ready."""
        self.launch()
        self.wait_until_ready()

    def stop(self) -> None:
        """End the node in good order; the data stays."""
        self._process.stop()

    def kill(self) -> None:
        """End the node as a power cut would; the data stays."""
        self._process.kill()

    def restart(self) -> None:
        """Stop the node and start it again."""
        self.stop()
        self.start()

    def _end(self) -> None:
        self.kill()


def is_ready(url: str) -> bool:
    """Tell whether the cluster at this address has a master and all its primary shards."""
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5) as answer:
            return not json.load(answer)["timed_out"]
    except (OSError, http.client.HTTPException):
        return False


def main() -> None:
    """Run a node until it is interrupted."""
    parser = argparse.ArgumentParser(description="Run a real Elasticsearch node, empty, until interrupted.")
    parser.add_argument("--port", type=int, default=9200)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ElasticsearchNode(port=arguments.port) as node:
        print(f"{node.url} answers; its log is {node.log}; Ctrl-C ends it and removes its data", flush=True)
        try:
            while node.running:
                time.sleep(0.5)
        except KeyboardInterrupt:
            print("ending")


if __name__ == "__main__":
    main()
