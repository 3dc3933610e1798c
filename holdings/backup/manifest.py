"""What a backup says of itself: which catalogue it holds, of when, and which files belong to it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from holdings.errors import BackupDamagedError, UsageError

_FILE = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """`catalogue`, `contents` and `secret_key` are names in the backup's folder, `checksums` their SHA-256.

    `database` is sqlite or postgresql, `schema` the revision of its tables, `made_at` in ISO 8601. `secret_key` is None
    where the key stands in the environment. `purged` counts files that were destroyed on purpose, `lacking` names those
    that the store should have had.
    """

    ikhub: str
    schema: str
    database: str
    made_at: str
    catalogue: str
    contents: str
    secret_key: str | None
    checksums: Mapping[str, str]
    files: int
    bytes: int
    documents: int
    accounts: int
    audit_head: str | None
    purged: int = 0
    lacking: tuple[str, ...] = ()


def read(folder: Path) -> BackupManifest:
    """Return the manifest of a backup. Raises UsageError where there is none, BackupDamagedError for a damaged one."""
    path = folder / _FILE
    try:
        stated = json.loads(path.read_bytes())
        if stated.pop("format") != _FORMAT:
            raise UsageError(
                f"The backup in {folder} has a form that this version of the hub does not know",
                advice="Restore it with the version that made it, and upgrade afterwards.",
            )
        return BackupManifest(**{**stated, "lacking": tuple(stated["lacking"])})
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no complete backup in {folder}",
            advice="A backup that was interrupted has no manifest.json: run `ikhub backup` on the folder again.",
        ) from error
    except OSError as error:
        raise UsageError(f"The backup in {folder} cannot be read: {error}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupDamagedError(f"{path} is damaged: {error}") from error


def exists(folder: Path) -> bool:
    """Say whether a folder holds a complete backup."""
    return (folder / _FILE).is_file()


def write(folder: Path, manifest: BackupManifest) -> None:
    """Write the manifest at once: before, the folder holds the former backup, or none; after it, this one."""
    beside = folder / f"{_FILE}.part"
    content = json.dumps({"format": _FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=2)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / _FILE)
    flush_folder(folder)


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk for good."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
