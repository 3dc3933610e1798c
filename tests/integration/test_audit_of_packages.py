"""`make audit`: what cannot be found out is a failure, never a success."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.conftest import ROOT


def _audit(service: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "audit", f"PYTHON={sys.executable}", f"SERVICE={service}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)


def test_an_audit_fails_where_nobody_can_be_asked() -> None:
    done = _audit("-s osv --osv-url http://127.0.0.1:9/")
    assert done.returncode != 0
    assert "127.0.0.1" in done.stderr


def test_every_locked_package_is_audited() -> None:
    # A dry run collects the packages and asks nobody.
    done = _audit("--dry-run")
    assert done.returncode == 0, done.stderr
    locked = set()
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        locked |= {found[1] for line in lines if (found := re.match(r"([A-Za-z0-9_.-]+)==[^;]+ \\?$", line))}
    said = re.search(r"would have audited (\d+) packages", done.stderr + done.stdout)
    assert said, done.stderr
    assert int(said[1]) >= len(locked) > 50
