"""What the commands share: settings, log, and the one place where an error becomes an exit code."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from app import logs
from holdings.errors import (
    ConfigurationError,
    HubError,
    NotInitialisedError,
    TryAgainLaterError,
    UnknownIdError,
    UsageError,
)
from holdings.settings import Settings, load_settings
from indexer.hub import Hub, open_hub

OK = 0
TROUBLED = 1
WRONG_USE = 2
TRY_AGAIN_LATER = 75  # EX_TEMPFAIL of sysexits.h

# The first class that fits gives the exit code.
EXIT_CODES: tuple[tuple[type[HubError], int], ...] = (
    (TryAgainLaterError, TRY_AGAIN_LATER),
    (UsageError, WRONG_USE),
    (ConfigurationError, WRONG_USE),
    (UnknownIdError, WRONG_USE),
    (NotInitialisedError, WRONG_USE),
    (HubError, TROUBLED),
)

errors = Console(stderr=True, highlight=False)


def exit_code(error: HubError) -> int:
    """Return the exit code of an error."""
    return next(code for kind, code in EXIT_CODES if isinstance(error, kind))


class HubGroup(click.Group):
    """A group that ends with the exit code of the hub's errors, and says what to do about them."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HubError as error:
            tell(error)
            ctx.exit(exit_code(error))
        except BrokenPipeError:
            # Whoever read the output has enough of it.
            sys.stderr.close()
            ctx.exit(OK)


def tell(error: HubError) -> None:
    """Say on standard error what went wrong, under which code, and what to do."""
    errors.print(f"{error.message.rstrip('.')}. [{error.code}]", style="bold red", markup=False)
    errors.print(error.advice_given, markup=False)


def print_json(value: object) -> None:
    """Print one JSON object on a line of standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def confirm(question: str, *, yes: bool, aside: bool = False) -> None:
    """Ask before what cannot be taken back, unless `yes` was given; `aside` asks on standard error.

    Raises UsageError where nobody is there to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("This cannot be taken back, and nobody is there to ask", advice="Give --yes.")
    click.confirm(question, abort=True, err=aside)


class Session:
    """One run of the command: its settings, read when they are first needed."""

    def __init__(self, config: Path | None, verbose: bool) -> None:
        self.config = config
        self._verbose = verbose

    @cached_property
    def settings(self) -> Settings:
        settings = load_settings(self.config)
        level = logging.INFO if self._verbose else logging.WARNING
        logs.configure(level)
        for noisy in ("elastic_transport", "alembic", "pdfminer", "filelock"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        return settings

    @property
    def has_file(self) -> bool:
        """Say whether a configuration file was named."""
        return self.config is not None or bool(os.environ.get("IKHUB_CONFIG"))

    def listening(self, host: str | None, port: int | None) -> Settings:
        """Return the settings with the address that the command line gives, where it gives one."""
        given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        return self.settings.model_copy(update={"app": self.settings.app.model_copy(update=given)})

    @contextmanager
    def hub(self) -> Iterator[Hub]:
        with open_hub(self.settings) as hub:
            yield hub
