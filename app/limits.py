"""What a request may be: called by which name, how large, and how often from one address or one person.

How often is counted by Flask-Limiter, in Redis where there is one, so that all processes count together; else, and
while Redis is away, each process counts for itself. A request is of one kind, by the view that it is for, and each kind
has its own setting.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limiter
from werkzeug.exceptions import BadRequest
from werkzeug.sansio.utils import host_is_trusted

from app.hub import current_hub
from app.people import current_account
from holdings.errors import HubError
from holdings.settings import Settings

# What a form or a call of the API may hold; files come by other ways (`desk.uploads`).
MAX_REQUEST_BYTES = 2_000_000
_REDIS = ("redis://", "rediss://")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# Views by the setting that says how often they may be asked for; whatever else changes something is a `form`.
KINDS = {
    "search": "search",
    "home": "search",
    "feed": "search",
    "sign_in": "sign_in",
    "provider": "sign_in",
    "second_factor": "second_factor",
    "second_factor_setup": "second_factor",
    "forgotten": "password_reset",
    "reset": "password_reset",
    "invitation": "invitation",
    "accept_invitation": "invitation",
    "report": "takedown",
}
# These are counted when they are only read, too; to look at any other form costs nothing. The way back from the
# provider counts as a form: as another attempt to sign in, whoever signed in there could be refused here.
_WHEN_READ = frozenset({"search", "home", "feed", "provider", "provider_callback"})


def install(app: Flask) -> None:
    """Refuse requests to `app` that are called by another name, are too large or come too often."""
    with app.app_context():
        settings = current_hub().settings
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.before_request(_check_host)
    storage = storage_of(settings)
    Limiter(
        _who,
        app=app,
        application_limits=[ApplicationLimit(_limit)],
        storage_uri=storage,
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1} if storage.startswith(_REDIS) else {},
        in_memory_fallback_enabled=True,
        key_prefix="ikhub",
    )


def storage_of(settings: Settings) -> str:
    """Return where requests are counted: the Redis of the limits, else that of the workers, else in each process."""
    named = settings.app.limits.storage_url or settings.ingest.broker_url
    return named if named.startswith(_REDIS) else "memory://"


def kind_of_request() -> str | None:
    """Return the kind of the present request, None where it is not counted."""
    endpoint = request.endpoint or ""
    if endpoint.startswith("api."):
        return {"api.health": None, "api.send_piece": "upload"}.get(endpoint, "api")
    page = endpoint.rpartition(".")[2]
    return KINDS.get(page, "form") if request.method not in _READING or page in _WHEN_READ else None


def _limit() -> str:
    """Return how often the present request may come, empty where it is not limited."""
    kind = kind_of_request()
    return str(getattr(current_hub().settings.app.limits, kind)) if kind else ""


def _who() -> str:
    """Return whom a request counts for, within its kind: the person who asks, else the address that it comes from."""
    try:
        account = current_account()
    except HubError:
        account = None  # a token that is not good, or a catalogue that is away: the view says so
    return f"{kind_of_request()}:{account.id if account else _network(request.remote_addr or '')}"


def _network(address: str) -> str:
    """Return the address, or the network of one of IPv6: whoever has one has 2^64 of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) else address


def _check_host() -> None:
    """Refuse a request to another name than the hub's own, where that is known. Raises BadRequest."""
    app = current_hub().settings.app
    name = urlsplit(app.public_url).hostname
    # On the machine itself it is asked whether it is well.
    if name and not host_is_trusted(request.host.lower(), [name, "localhost", "127.0.0.1", "[::1]", app.host]):
        raise BadRequest("The hub has another name")
