"""A real Redis for tests: a server of its own on a free port that keeps nothing on disk."""

from __future__ import annotations

import signal

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.services.components import REDIS
from tests.services.process import ServerProcess, Service, free_port, service_folder, tied_to_tests


class RedisServer(Service):
    """A Redis server that can be stopped and started again on the same port, then empty; a context manager.

    Raises:
        MissingComponentError: Redis is not installed.
        ServiceError: it does not start.
    """

    def __init__(self) -> None:
        program = REDIS.path()
        self.port = free_port()
        self._folder = service_folder("redis")
        options = {"port": self.port, "bind": "127.0.0.1", "dir": self._folder, "save": "", "appendonly": "no"}
        arguments = [part for key, value in options.items() for part in (f"--{key}", str(value))]
        self._process = ServerProcess([*tied_to_tests(signal.SIGTERM), str(program), *arguments], self._folder)

    @property
    def url(self) -> str:
        """The URL of the server's first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether the server's process is there."""
        return self._process.running

    @property
    def process_id(self) -> int:
        """The number of the server's process; it must be running."""
        return self._process.process_id

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process.launch()
        self._process.wait_until(lambda: answers(self.url), 30)

    def stop(self) -> None:
        """End the server; what it held is gone."""
        self._process.stop()


def answers(url: str) -> bool:
    """Tell whether the server answers a ping."""
    with Redis.from_url(url, socket_timeout=5) as client:
        try:
            return bool(client.ping())
        except RedisConnectionError:  # also while it loads
            return False
