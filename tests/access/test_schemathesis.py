"""The whole API, as its description has it, with each role's token: no fault, no answer outside the description, and
nothing of a document that the caller may not know of.

`IKHUB_TEST_API_EXAMPLES=500` asks for more examples of each operation and role.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core.transport import Response

from tests.access.asking import Answer, Look
from tests.access.owned import OWNER, Owned, made
from tests.access.stage import READERS, Stage

_EXAMPLES = int(os.environ.get("IKHUB_TEST_API_EXAMPLES", "15"))
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.fixture(scope="module")
def owned(stage: Stage) -> Owned:
    stage.clear()
    owned = made(stage)
    stage.synchronise()
    return owned


@pytest.fixture(scope="module")
def described(stage: Stage) -> Any:
    """The operations of the API by name, read from its own description."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", stage.app)
    operations: list[Any] = [operation.ok() for operation in schema.get_all_operations()]  # type: ignore[union-attr]
    return {operation.label: operation for operation in operations}


def test_every_operation_is_gone_through(stage: Stage, described: Any) -> None:
    rules = [rule for rule in stage.app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    methods = sum(len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in rules)
    assert len(described) == methods - 1, "all but the description itself"


@pytest.mark.parametrize("name", ["public", *READERS])
def test_the_api_holds_to_its_description(stage: Stage, owned: Owned, described: Any, name: str) -> None:
    look = Look(stage, stage.world.readers[name], owned.hidden, through_token=True)
    headers = {"Authorization": f"Bearer {stage.tokens[name]}"} if name in stage.tokens else {}
    for label, operation in described.items():
        parameters = {name for name in owned.ids if f"{{{name}}}" in operation.path}
        foreign = {parameter: owned.ids[parameter] for parameter in parameters}
        cases = [operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
        if foreign:
            cases.append(operation.as_strategy(path_parameters=foreign))
        _go_through(look, label, st.one_of(cases), headers, owned)


def _go_through(look: Look, label: str, cases: Any, headers: dict[str, str], owned: Owned) -> None:
    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Case[Any]) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, checks=_CHECKS)
        _shows_nothing_foreign(look, label, case, response, owned)

    ask()


def _shows_nothing_foreign(look: Look, label: str, case: Case[Any], response: Response, owned: Owned) -> None:
    told = tuple((name, value) for name, values in response.headers.items() for value in values)
    text = (response.content or b"").decode("utf-8", "replace")
    named = {str(value) for value in (case.path_parameters or {}).values()}
    asked_for = named & set(owned.ids.values())
    look.look_through(Answer(response.status_code, told, text), label, may_show=look.known, asked_for=asked_for)
    if owned.ids["upload_id"] in named and look.reader.name != OWNER:
        assert response.status_code in {400, 401, 403, 404, 415}, f"{look.reader.name}: {label}: {response.status_code}"
