"""Duplicates: what a document has to do with those that are in the hub already.

`triage` is called after a document was recorded, after its text was replaced, and for all that `untriaged` names.
"""

from __future__ import annotations

from ingest.duplicates.triage import triage as triage
from ingest.duplicates.triage import untriaged as untriaged
