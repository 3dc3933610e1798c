"""Sign-in with an OpenID Connect provider: authorization code with PKCE, state and nonce; ID tokens are verified.

The provider says who somebody is. Who may come in stays the hub's: people with an account, or an open invitation, under
an address that the provider has verified. OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636, RFC 9207.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from holdings.errors import ProviderRefusedError, ProviderUnavailableError
from holdings.settings import OidcSettings

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_CLOCK_SECONDS = 60
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SEVERAL_FACTORS = "mfa"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a browser takes to the provider. What is in it besides the address stays with that browser."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as the provider says. `email` is empty unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    name: str
    has_several_factors: bool


def ask(settings: OidcSettings, back: str) -> Asked:
    """Return the question for a browser that shall come back to the address `back`. Raises ProviderUnavailableError."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    endpoint = _endpoint(_metadata(settings), "authorization_endpoint")
    with _client(settings, back) as client:
        address, _ = client.create_authorization_url(endpoint, state=state, nonce=nonce, code_verifier=verifier)
    return Asked(address, state, nonce, verifier)


def answer(settings: OidcSettings, back: str, asked: Asked, given: Mapping[str, str]) -> Identity:
    """Return who somebody is, from the parameters with which the browser came back.

    Raises ProviderRefusedError for an answer that does not fit the question, or that lacks a claim that the settings
    require; ProviderUnavailableError.
    """
    if not secrets.compare_digest(given.get("state", "").encode(), asked.state.encode()):
        raise ProviderRefusedError("The answer is not to the question that was asked")
    if given.get("iss", settings.issuer) != settings.issuer:
        raise ProviderRefusedError("The answer is another provider's")
    if "error" in given or "code" not in given:
        raise ProviderRefusedError(f"The provider did not sign anybody in: {given.get('error', 'no code')}")
    metadata = _metadata(settings)
    with _client(settings, back) as client:
        tokens = _exchange(client, _endpoint(metadata, "token_endpoint"), given["code"], asked, settings)
        claims = _checked(settings, metadata, tokens, asked.nonce)
        if "email" not in claims and "userinfo_endpoint" in metadata:
            claims = claims | _userinfo(client, _endpoint(metadata, "userinfo_endpoint"), claims["sub"], settings)
    _require_claims(settings, claims)
    is_verified = claims.get("email_verified") in (True, "true")
    return Identity(
        issuer=settings.issuer,
        subject=str(claims["sub"]),
        email=str(claims.get("email", "")) if is_verified else "",
        name=str(claims.get("name") or claims.get("preferred_username") or ""),
        has_several_factors=_SEVERAL_FACTORS in (claims.get("amr") or ()),
    )


def _client(settings: OidcSettings, back: str) -> OAuth2Session:
    return OAuth2Session(
        settings.client_id,
        settings.client_secret.get_secret_value() or None,
        scope="openid email profile",
        redirect_uri=back,
        code_challenge_method="S256",
        default_timeout=settings.timeout_seconds,
    )


def _exchange(
    client: OAuth2Session, endpoint: str, code: str, asked: Asked, settings: OidcSettings
) -> Mapping[str, Any]:
    try:
        tokens: Mapping[str, Any] = client.fetch_token(
            endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=asked.verifier,
            timeout=settings.timeout_seconds,
            allow_redirects=False,
        )
    except OAuthError as error:
        raise ProviderRefusedError(f"The provider did not take the code: {error.error}") from error
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnavailableError(f"The provider does not answer: {error}") from error
    return tokens


def _checked(
    settings: OidcSettings, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str
) -> dict[str, Any]:
    """Return what the ID token says, when the provider signed it, for the hub, now, in answer to this question."""
    keys = _json(_endpoint(metadata, "jwks_uri"), settings)
    try:
        key_set = KeySet.import_key_set({"keys": keys["keys"]})
        token = jwt.decode(str(tokens.get("id_token", "")), key_set, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            token.claims,
            token.header,
            options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
            },
            params={"nonce": nonce, "client_id": settings.client_id, "access_token": tokens.get("access_token")},
        )
        claims.validate(leeway=_CLOCK_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderRefusedError(f"The ID token cannot be accepted: {error}") from error
    return dict(claims)


def _userinfo(client: OAuth2Session, endpoint: str, subject: str, settings: OidcSettings) -> dict[str, Any]:
    """Return what the provider tells of the person besides, when it is about the same one."""
    try:
        response = client.get(endpoint, timeout=settings.timeout_seconds, allow_redirects=False)
        response.raise_for_status()
        told = response.json()
    except (requests.RequestException, OAuthError, ValueError) as error:
        raise ProviderUnavailableError(f"The provider does not answer: {error}") from error
    if not isinstance(told, dict) or told.get("sub") != subject:
        raise ProviderRefusedError("What the provider tells is about somebody else")
    return {name: value for name, value in told.items() if name not in {"iss", "sub", "aud", "amr"}}


def _require_claims(settings: OidcSettings, claims: Mapping[str, Any]) -> None:
    for required in settings.required_claims:
        name, _, value = required.partition("=")
        said = claims.get(name)
        if value not in [str(each) for each in (said if isinstance(said, list) else [said])]:
            raise ProviderRefusedError(f"The provider does not say that {required}")


def _metadata(settings: OidcSettings) -> dict[str, Any]:
    """Return what the provider says of itself, under its own name."""
    found = _json(f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration", settings)
    if found.get("issuer") != settings.issuer:
        raise ProviderUnavailableError(f"The provider calls itself {found.get('issuer')!r}, not {settings.issuer!r}")
    return found


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    """Return an address of the provider; it must be https, or on this machine."""
    address = str(metadata.get(name, ""))
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ProviderUnavailableError(f"The provider has no safe {name}")
    return address


def _json(address: str, settings: OidcSettings) -> dict[str, Any]:
    try:
        response = requests.get(address, timeout=settings.timeout_seconds, allow_redirects=False)
        response.raise_for_status()
        found = response.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderUnavailableError(f"The provider does not answer: {error}") from error
    if not isinstance(found, dict):
        raise ProviderUnavailableError(f"The provider answers {address} with no object")
    return found
