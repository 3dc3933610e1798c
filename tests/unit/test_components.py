"""A missing component is found to be missing, said by name, and a failure only where everything must be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures_services import require
from tests.services.components import JAVA, Component

ABSENT = Component("Absent server", lambda: None, ("absent-server",), "IKHUB_TEST_ABSENT_URL")


def test_on_a_laptop_a_missing_component_is_a_skip_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Absent server is missing: apt-get install absent-server, or set"):
        require(ABSENT.path)


def test_in_ci_a_missing_component_is_a_failure_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Absent server is missing"):
        require(ABSENT.path)


@pytest.mark.parametrize(("version", "is_found"), [("17.0.15", False), ("21", True), ("25.0.2", True)])
def test_java_is_found_when_it_is_new_enough(
    version: str, is_found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    (tmp_path / "release").write_text(f'IMPLEMENTOR="Nobody"\nJAVA_VERSION="{version}"\n', encoding="utf-8")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert (JAVA.find() == tmp_path) is is_found
