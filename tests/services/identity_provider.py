"""A real OpenID Connect provider for tests: Authlib's server side, in a process of its own on 127.0.0.1.

It has a discovery document, keys, and the code flow with PKCE. Nobody has to type anything there: a browser is who
`as=` in the address says, one of `PEOPLE`. Some of these are told of wrongly, as a broken or hostile provider would.

    python -m tests.services.identity_provider PORT REDIRECT_URI…
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin, grants
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.services.process import Service, free_port, service_folder, tied_to_tests

CLIENT_ID = "ikhub"
CLIENT_SECRET = "secret-of-the-tests"
ROOT = Path(__file__).parents[2]

# What the provider says of each person it signs in.
PEOPLE: dict[str, dict[str, Any]] = {
    "sari": {"email": "sari@example.org", "email_verified": True, "name": "Sari Wulandari", "groups": ["ikhub", "x"]},
    "mfa": {"email": "sari@example.org", "email_verified": True, "name": "Sari", "amr": ["pwd", "mfa"]},
    "unverified": {"email": "sari@example.org", "email_verified": False, "name": "Sari"},
    "says-nothing": {"email": "sari@example.org", "name": "Sari"},
    "stranger": {"email": "stranger@example.org", "email_verified": True, "name": "Stranger"},
    "without-email": {},
    "by-userinfo": {"email": "sari@example.org", "email_verified": True, "name": "Sari"},
}
# What is wrong with the ID tokens of these: claims put in the place of the right ones, or None for another's key.
FAULTS: dict[str, dict[str, Any] | None] = {
    "wrong-nonce": {"nonce": "another"},
    "without-nonce": {"nonce": None},
    "wrong-issuer": {"iss": "https://evil.example"},
    "wrong-audience": {"aud": "another-client"},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "wrong-access-token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "wrong-key": None,
}


class IdentityProvider(Service):
    """The provider as long as a `with`. `back` are the addresses that it may lead to."""

    def __init__(self, *back: str) -> None:
        self._back = back
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._folder = service_folder("identity-provider")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*tied_to_tests(signal.SIGTERM), sys.executable, "-m", "tests.services.identity_provider"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self.port), *self._back],
                cwd=ROOT,
                env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < deadline, "the provider does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.issuer}/.well-known/openid-configuration", timeout=2).ok
        except requests.RequestException:
            return False


@dataclass(frozen=True, slots=True)
class _Person:
    name: str

    def get_user_id(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class _Client(ClientMixin):  # type: ignore[misc]
    back: tuple[str, ...]

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.back

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True, slots=True)
class _Code:
    code: str
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    person: _Person

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> list[str] | None:
        return _told(self.person).get("amr")


@dataclass(frozen=True, slots=True)
class _Token(TokenMixin):  # type: ignore[misc]
    scope: str
    person: _Person

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return False


@dataclass(slots=True)
class _Given:
    codes: dict[str, _Code] = field(default_factory=dict)
    tokens: dict[str, _Token] = field(default_factory=dict)


def _told(person: _Person) -> dict[str, Any]:
    return PEOPLE.get(person.name, PEOPLE["sari"])


def _provider(issuer: str, back: tuple[str, ...]) -> Flask:
    app, given = Flask("provider"), _Given()
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"authorization_code": 600}
    key, other_key = (RSAKey.generate_key(2048, {"use": "sig", "kid": "1"}, private=True) for _ in range(2))

    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, asked: Any) -> None:
            data = asked.payload.data
            given.codes[code] = _Code(
                code,
                asked.payload.redirect_uri,
                asked.payload.scope,
                data.get("nonce"),
                data["code_challenge"],
                data["code_challenge_method"],
                asked.user,
            )

        def query_authorization_code(self, code: str, _client: _Client) -> _Code | None:
            return given.codes.get(code)

        def delete_authorization_code(self, code: _Code) -> None:
            del given.codes[code.code]

        def authenticate_user(self, code: _Code) -> _Person:
            return code.person

    class OpenId(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, _nonce: str, _request: Any) -> bool:
            return False

        def resolve_client_private_key(self, _client: _Client) -> Any:
            return key

        def get_client_algorithm(self, _client: _Client) -> str:
            return "RS256"

        def get_client_claims(self, _client: _Client) -> dict[str, Any]:
            return {"iss": issuer}

        def generate_user_info(self, person: _Person, _scope: str) -> UserInfo:
            told = {} if person.name == "by-userinfo" else _told(person)
            return UserInfo(sub=person.name, **{name: value for name, value in told.items() if name != "amr"})

    def save_token(token: dict[str, Any], asked: Any) -> None:
        given.tokens[token["access_token"]] = _Token(token["scope"], asked.user)

    class Bearer(BearerTokenValidator):  # type: ignore[misc]
        def authenticate_token(self, token_string: str) -> _Token | None:
            return given.tokens.get(token_string)

    server = AuthorizationServer(app, query_client=lambda _id: _Client(back), save_token=save_token)
    server.register_grant(CodeGrant, [OpenId(require_nonce=True), CodeChallenge(required=True)])
    protector = ResourceProtector()
    protector.register_token_validator(Bearer())

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(
            issuer=issuer,
            authorization_endpoint=f"{issuer}/authorize",
            token_endpoint=f"{issuer}/token",
            userinfo_endpoint=f"{issuer}/userinfo",
            jwks_uri=f"{issuer}/keys",
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(KeySet([key]).as_dict(private=False))

    @app.get("/authorize")
    def authorize() -> Any:
        person = _Person(request.args["as"])
        grant = server.get_consent_grant(end_user=person)
        return server.create_authorization_response(grant=grant, grant_user=person)

    @app.post("/token")
    def token() -> Any:
        code = given.codes.get(request.form.get("code", ""))
        response = server.create_token_response()
        if code is None or code.person.name not in FAULTS or response.status_code != 200:
            return response
        body = response.get_json()
        fault = FAULTS[code.person.name]
        claims = jwt.decode(body["id_token"], key).claims | (fault or {})
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "1"}
        return jsonify({**body, "id_token": jwt.encode(header, claims, other_key if fault is None else key)})

    @app.get("/userinfo")
    def userinfo() -> Response:
        with protector.acquire("email") as shown:
            return jsonify({"sub": shown.person.name, **_told(shown.person)})

    return app


def main(arguments: list[str]) -> None:
    """Serve until stopped."""
    port = int(arguments[0])
    _provider(f"http://127.0.0.1:{port}", tuple(arguments[1:])).run("127.0.0.1", port)


if __name__ == "__main__":
    main(sys.argv[1:])
