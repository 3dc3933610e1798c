"""`config.yaml` and `docs/configuration.md`, made from the declarations of the settings by `make config`."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from holdings.settings import configuration_text, environment_name, settings_keys, yaml_value

_INTRODUCTION = """\
# Configuration

Made from the declarations in `holdings/settings.py` by `make config`; edit those.

`--config FILE`, else `IKHUB_CONFIG`, else `config.yaml` of the working folder, else these defaults. What stands in the
environment comes first. `IKHUB_DATA` is `holdings.data`. A list is comma-separated in the environment. An unknown key
is an error that names it. Secrets are read from the environment only.

| key | in the environment | default | what it is |
|---|---|---|---|
"""


def configuration_document() -> str:
    """Return `docs/configuration.md`."""
    rows = []
    for key, field in settings_keys():
        secret = field.annotation is SecretStr
        default = "" if secret else f"`{yaml_value(field.get_default(call_default_factory=True))}`"
        help_text = (field.description or "") + (" (Secret: environment only.)" if secret else "")
        rows.append(f"| `{'.'.join(key)}` | `{environment_name(key)}` | {default} | {help_text} |\n")
    return _INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    Path("config.yaml").write_text(configuration_text(), encoding="utf-8")
    Path("docs/configuration.md").write_text(configuration_document(), encoding="utf-8")
