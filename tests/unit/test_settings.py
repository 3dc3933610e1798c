"""Settings: where a value comes from, and that what does not fit is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdings.errors import ConfigurationError
from holdings.settings import Settings, configuration_text, load_settings, settings_keys
from holdings.settings_documents import configuration_document

ROOT = Path(__file__).parents[2]


def test_shipped_configuration_is_the_declaration() -> None:
    assert (ROOT / "config.yaml").read_text(encoding="utf-8") == configuration_text(), "run `make config`"


def test_shipped_configuration_gives_the_defaults() -> None:
    assert load_settings(ROOT / "config.yaml", {}) == Settings.model_validate({})


def test_document_is_the_declaration() -> None:
    written = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert written == configuration_document(), "run `make config`"


def test_every_key_has_help() -> None:
    assert [key for key, field in settings_keys() if not field.description] == []


def test_environment_comes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("app: {port: 1, threads: 3}\n", encoding="utf-8")
    settings = load_settings(file, {"IKHUB_APP__PORT": "2", "IKHUB_INGEST__ACCESS": "partners, org:bnpt"})
    assert (settings.app.port, settings.app.threads) == (2, 3)
    assert settings.ingest.access == ["partners", "org:bnpt"]


def test_data_variable_moves_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings(None, {"IKHUB_DATA": str(tmp_path)})
    assert settings.data == tmp_path
    assert settings.database_url == f"sqlite:///{tmp_path}/catalogue.sqlite3"


def test_file_is_found_by_variable_and_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text("app: {port: 5}\n", encoding="utf-8")
    Path("other.yaml").write_text("app: {port: 6}\n", encoding="utf-8")
    assert load_settings(None, {}).app.port == 5
    assert load_settings(None, {"IKHUB_CONFIG": "other.yaml"}).app.port == 6


@pytest.mark.parametrize(
    ("content", "environment", "named"),
    [
        ("app: {prot: 1}", {}, "app.prot"),
        ("web: {}", {}, "web"),
        ("app: {port: many}", {}, "app.port"),
        ("app: {time_zone: Jakarta}", {}, "app.time_zone"),
        ("ingest: {access: [everyone]}", {}, "ingest.access"),
        ("indexer: {engine: solr}", {}, "indexer.engine"),
        ("app: 3", {}, "app"),
        ("", {"IKHUB_APP__PROT": "1"}, "IKHUB_APP__PROT"),
        ("", {"IKHUB_WEB__PORT": "1"}, "IKHUB_WEB__PORT"),
        ("", {"IKHUB_APP__PORT": "x"}, "app.port"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, content: str, environment: dict[str, str], named: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=named.replace(".", r"\.")):
        load_settings(file, environment)


@pytest.mark.parametrize(
    ("content", "variable"),
    [
        ("indexer: {elasticsearch: {password: hush}}", "IKHUB_INDEXER__ELASTICSEARCH__PASSWORD"),
        ("holdings: {database_url: 'postgresql+psycopg://u:hush@h/d'}", "IKHUB_HOLDINGS__DATABASE_URL"),
        ("ingest: {broker_url: 'redis://:hush@h/0'}", "IKHUB_INGEST__BROKER_URL"),
    ],
)
def test_secrets_are_refused_in_the_file(tmp_path: Path, content: str, variable: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_settings(file, {})
    assert variable in caught.value.advice_given
    assert "hush" not in caught.value.message


@pytest.mark.parametrize("content", [": :", "- a", b"\xff\xfe\x00"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError, match=r"config\.yaml"):
        load_settings(file, {})


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing"):
        load_settings(tmp_path / "missing.yaml", {})
