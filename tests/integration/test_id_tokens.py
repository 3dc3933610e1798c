"""ID tokens of an OpenID Connect provider: one counts that it signed, for the hub, now, in answer to this question.

The provider here signs whatever the test wants, over real HTTP: what no real provider does.
"""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from desk import identity_provider
from desk.identity_provider import Asked, Identity
from holdings.errors import ProviderRefusedError
from holdings.settings import OidcSettings

_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
_OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
_BACK = "http://127.0.0.1/sign-in/provider/callback"

Signed = Callable[[Mapping[str, Any]], str]


class _Provider(ThreadingHTTPServer):
    """Answers with an ID token that `sign` makes of the claims of a good one."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_port}"
        self.id_token = ""


class _Handler(BaseHTTPRequestHandler):
    server: _Provider

    def do_GET(self) -> None:
        issuer = self.server.issuer
        if self.path == "/.well-known/openid-configuration":
            endpoints = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            self._give({"issuer": issuer, **{name: issuer + path for name, path in endpoints.items()}})
        else:
            self._give({"keys": [_KEY.as_dict(private=False)]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._give({"access_token": "x", "token_type": "Bearer", "id_token": self.server.id_token})

    def _give(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider() -> Iterator[_Provider]:
    with _Provider() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _signed(claims: Mapping[str, Any], *, key: RSAKey = _KEY) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, dict(claims), key)


def _signed_with_the_public_key(claims: Mapping[str, Any]) -> str:
    """As if what everybody knows were a secret: a mix-up of kinds of keys."""
    content = _content({"alg": "HS256", "kid": "one"}, claims)
    return f"{content}.{_base64(hmac.digest(_KEY.as_pem(private=False), content.encode(), 'sha256'))}"


def _unsigned(claims: Mapping[str, Any]) -> str:
    return _content({"alg": "none"}, claims) + "."


def _content(head: Mapping[str, str], claims: Mapping[str, Any]) -> str:
    return ".".join(_base64(json.dumps(dict(part)).encode()) for part in (head, claims))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _answer(provider: _Provider, changed: Mapping[str, object] | None = None, sign: Signed = _signed) -> Identity:
    settings = OidcSettings.model_validate({"issuer": provider.issuer, "client_id": "hub"})
    asked = identity_provider.ask(settings, _BACK)
    now = int(time.time())
    good = {"iss": provider.issuer, "aud": "hub", "sub": "7", "nonce": asked.nonce, "iat": now, "exp": now + 300}
    claims = {**good, "email": "sari@example.org", "email_verified": True, **(changed or {})}
    provider.id_token = sign({name: value for name, value in claims.items() if value is not None})
    return identity_provider.answer(settings, _BACK, asked, {"state": asked.state, "code": "c"})


def test_a_good_one_says_who_somebody_is(provider: _Provider) -> None:
    identity = _answer(provider)
    assert (identity.issuer, identity.subject, identity.email) == (provider.issuer, "7", "sari@example.org")
    assert _answer(provider, {"email_verified": False}).email == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another question"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
    ],
)
def test_one_with_other_claims_is_refused(provider: _Provider, changed: dict[str, object]) -> None:
    with pytest.raises(ProviderRefusedError):
        _answer(provider, changed)


@pytest.mark.parametrize(
    "sign",
    [
        lambda claims: _signed(claims, key=_OTHER_KEY),
        _signed_with_the_public_key,
        _unsigned,
        lambda claims: _signed(claims)[:-4] + "AAAA",
        lambda claims: "",
        lambda claims: "a.b.c",
    ],
    ids=["another key", "the public key as a secret", "none", "damaged", "nothing", "no token"],
)
def test_one_that_the_provider_did_not_sign_is_refused(provider: _Provider, sign: Signed) -> None:
    with pytest.raises(ProviderRefusedError):
        _answer(provider, sign=sign)


def test_a_question_is_answered_with_its_own_state_only(provider: _Provider) -> None:
    settings = OidcSettings.model_validate({"issuer": provider.issuer, "client_id": "hub"})
    asked = Asked("", "state", "nonce", "verifier")
    for given in (
        {"state": "other", "code": "c"},
        {"code": "c"},
        {"state": "state", "code": "c", "iss": "https://e.example"},
    ):
        with pytest.raises(ProviderRefusedError):
            identity_provider.answer(settings, _BACK, asked, given)
