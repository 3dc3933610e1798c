"""Who a command reads as: the access labels that `--as` gives it."""

from __future__ import annotations

from collections.abc import Iterable

from app.cli.context import errors
from holdings import organisations
from holdings.access import Viewer, organisation_label
from holdings.database import Session
from holdings.errors import UnknownIdError
from indexer.hub import Hub


def viewer_as(hub: Hub, labels: Iterable[str]) -> Viewer:
    """Return a viewer with these labels; the former id of an organisation leads on to the present one.

    That it does, and which organisation is unknown, is said on standard error. Raises UsageError for what is no label.
    """
    given = Viewer.of(*labels)
    with hub.catalogue.read() as session:
        return Viewer(frozenset(_present(session, label) for label in sorted(given.labels)))


def _present(session: Session, label: str) -> str:
    if not label.startswith("org:"):
        return label
    try:
        present = organisation_label(organisations.resolve(session, label.removeprefix("org:")))
    except UnknownIdError as error:
        errors.print(f"{error.message}: nobody carries {label}.", style="yellow", markup=False)
        return label
    if present != label:
        errors.print(f"{label} is {present} by now.", style="yellow", markup=False)
    return present
