"""What `deploy/` says agrees with the hub: its settings exist, its image holds every package, its ports stay inside."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from holdings.settings import load_settings

ROOT = Path(__file__).parents[2]
PASSWORDS = {"POSTGRES_PASSWORD": "pg1", "ELASTIC_PASSWORD": "es2", "REDIS_PASSWORD": "rd3"}


@pytest.fixture
def services() -> dict[str, dict[str, Any]]:
    """The services of compose.yaml with the passwords in place, and every other variable at its default."""

    def value(variable: re.Match[str]) -> str:
        name, kind, default = variable.groups()
        assert (name in PASSWORDS) == (kind == ":?"), f"{name}: passwords have no default, all else has one"
        return PASSWORDS.get(name, default)

    text = re.sub(r"(?<!\$)\$\{(\w+)(:[?-])([^}]*)\}", value, (ROOT / "deploy/compose.yaml").read_text("utf-8"))
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return found


@pytest.mark.parametrize("name", ["init", "web", "worker", "ocr"])
def test_the_settings_of_each_container_are_settings_of_the_hub(
    services: dict[str, dict[str, Any]], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(None, services[name]["environment"])
    assert settings.database_url == "postgresql+psycopg://ikhub:pg1@postgresql/ikhub"
    assert settings.indexer.engine == "elasticsearch"
    assert settings.indexer.elasticsearch.password.get_secret_value() == "es2"
    assert settings.ingest.broker_url == "redis://:rd3@redis:6379/0"


def test_every_published_port_is_bound_to_this_machine(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_example_of_the_environment_names_every_variable(services: dict[str, dict[str, Any]]) -> None:
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", (ROOT / "deploy/compose.yaml").read_text("utf-8")))
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / "deploy/.env.example").read_text("utf-8"), re.MULTILINE))
    assert named == used


def test_the_image_copies_what_the_wheel_is_made_of() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = set(re.findall(r"^COPY (\S+) \1$", (ROOT / "deploy/Dockerfile").read_text("utf-8"), re.MULTILINE))
    assert copied == {*wheel.get("only-include", wheel.get("packages", [])), "samples"}
