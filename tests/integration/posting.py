"""Forms of the site as a test sends them: found on their page, filled in, sent with what is hidden in them."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode
from werkzeug.test import TestResponse

from holdings import mails
from holdings.mails import Mail, MailState
from indexer.hub import Hub


def submit(client: FlaskClient, page: str, action: str | None = None, /, **fields: Any) -> TestResponse:
    """Send the form of a page that goes to `action` (to the page itself where none is named), as a browser would."""
    response = client.get(page)
    assert response.status_code == 200, f"{page}: {response.status_code}"
    wanted = action or page
    found = next(
        form
        for form in LexborHTMLParser(response.text).css("main form[method=post]")
        if (form.attributes.get("action") or page) == wanted
    )
    return client.post(wanted, data={**_filled(found), **fields})


def token_of(client: FlaskClient, page: str) -> str:
    """Return the sign against forged requests that a page has for the client."""
    hidden = LexborHTMLParser(client.get(page).text).css_first("input[name=csrf_token]")
    assert hidden is not None, page
    return hidden.attributes["value"] or ""


def path_in(text: str) -> str:
    """Return the path of the first address of the hub in a letter."""
    found = re.search(r"http://127\.0\.0\.1:8080(/\S+)", text)
    assert found is not None, text
    return found[1]


def letters_to(hub: Hub, address: str, kind: str | None = None) -> list[Mail]:
    """Return the letters that wait for a reader, the oldest first."""
    with hub.catalogue.read() as session:
        waiting = mails.listed(session, MailState.WAITING, limit=1000)
    return sorted(
        (mail for mail in waiting if mail.address == address and kind in {None, mail.kind}),
        key=lambda mail: mail.created_at,
    )


def _filled(form: LexborNode) -> dict[str, Any]:
    """Return what a browser would send of a form that nobody touched."""
    values: dict[str, Any] = {}
    for field in form.css("input[name]"):
        kind, name = field.attributes.get("type") or "text", field.attributes["name"] or ""
        if kind in {"checkbox", "radio"} and "checked" not in field.attributes:
            continue
        value = field.attributes.get("value") or ""
        values.setdefault(name, []).append(value) if kind == "checkbox" else values.update({name: value})
    for field in form.css("select[name]"):
        chosen = field.css_first("option[selected]") or field.css_first("option")
        if chosen is not None:
            values[field.attributes["name"] or ""] = chosen.attributes.get("value") or ""
    return values
