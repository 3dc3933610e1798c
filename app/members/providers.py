"""Sign-in with an OpenID Connect provider: the way there and the way back."""

from __future__ import annotations

import logging

from flask import Blueprint, flash, redirect, request, session
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members.entering import enter, local_path, this_browser, wanted_path
from app.site.links import link
from desk import identity_provider, provider_sign_in
from desk.addresses import address
from desk.identity_provider import Asked
from holdings.errors import ProviderRefusedError, ProviderUnavailableError, UnknownIdError

log = logging.getLogger(__name__)

# What the browser keeps until it comes back, in its signed cookie.
_KEPT = "provider"


def add_routes(site: Blueprint) -> None:
    """Add the way to the provider and back."""
    site.add_url_rule("/sign-in/provider", "provider", go)
    site.add_url_rule("/sign-in/provider/callback", "provider_callback", come_back)


def name() -> str | None:
    """Return the name of the provider, None where the hub has none."""
    settings = current_hub().settings.app.oidc
    return settings.name if settings.issuer else None


def name_of(issuer: str) -> str:
    """Return what a provider that an account is linked with is called; its address where it is no longer the hub's."""
    settings = current_hub().settings.app.oidc
    return settings.name if issuer == settings.issuer else issuer


def go() -> ResponseReturnValue:
    """Send a browser to the provider."""
    _require_provider()
    try:
        asked = identity_provider.ask(current_hub().settings.app.oidc, _back())
    except ProviderUnavailableError as error:
        return _refused(error)
    session[_KEPT] = {
        "state": asked.state,
        "nonce": asked.nonce,
        "verifier": asked.verifier,
        "then": wanted_path(),
    }
    return redirect(asked.address)


def come_back() -> ResponseReturnValue:
    """Sign in whom the provider names."""
    _require_provider()
    hub, kept = current_hub(), session.pop(_KEPT, None)
    try:
        if not isinstance(kept, dict):
            raise ProviderRefusedError("The browser was not sent to the provider, or came back already")
        asked = Asked("", kept["state"], kept["nonce"], kept["verifier"])
        identity = identity_provider.answer(hub.settings.app.oidc, _back(), asked, request.args)
        begun = provider_sign_in.sign_in(hub, identity, this_browser())
    except (ProviderRefusedError, ProviderUnavailableError) as error:
        return _refused(error)
    given = provider_sign_in.takes_second_factor(hub, identity)
    return enter(begun, local_path(kept["then"]), second_factor_given=given)


def _require_provider() -> None:
    if name() is None:
        raise UnknownIdError("There is no such page")


def _back() -> str:
    return address(current_hub().settings, "/sign-in/provider/callback", current_language())


def _refused(error: ProviderRefusedError | ProviderUnavailableError) -> ResponseReturnValue:
    """Lead back to the page of sign-in and say there why the provider's way did not work; details go to the log."""
    log.warning("sign-in with the provider: %s [%s]", error.message, error.code)
    if isinstance(error, ProviderUnavailableError):
        flash(
            gettext("The other service does not answer at the moment. Sign in with your password, or try later."),
            "wrong",
        )
    else:
        flash(
            gettext(
                "You could not be signed in that way. Only people who were invited under the address that the other "
                "service has verified can come in. Try again, or ask the people who run the hub."
            ),
            "wrong",
        )
    return redirect(link("sign_in"))
