"""Who asks: what a program, or a browser's session, is to the hub."""

from __future__ import annotations

from flask import Response, jsonify

from app.api.me_schemas import Me
from app.api.routes import api, spec
from app.api.schemas import Described, Problem
from app.people import current_account
from app.programs import presented


@api.get("/api/v1/me")
@spec.validate(
    resp=Described(HTTP_200=Me, HTTP_401=(Problem, "The token is unknown, expired or revoked.")), operation_id="me"
)
def me() -> Response:
    """Say who asks, and with what."""
    account, shown = current_account(), presented()
    body = Me.model_validate(
        {
            "account": None
            if account is None
            else {
                "id": account.id,
                "name": account.name,
                "language": account.language,
                "hub_role": account.hub_role,
                "organisations": [{"id": one, "role": role} for one, role in sorted(account.roles.items())],
            },
            "token": None
            if shown is None
            else {
                "name": shown.token.name,
                "scopes": sorted(shown.token.scopes),
                "expires_at": shown.token.expires_at.isoformat(timespec="seconds"),
            },
        }
    )
    return jsonify(body.model_dump(mode="json"))
