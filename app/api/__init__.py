"""The JSON API: the same search and the same documents as on the site, for programs."""

from __future__ import annotations

from app.api import me as me
from app.api import uploads as uploads
from app.api.routes import api

__all__ = ["api"]
