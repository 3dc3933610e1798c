"""Settings of the hub: each key declared once, with its default and its help; `config.yaml` has a section a room.

Read once, at an entry point, and passed down. Where a value comes from, first wins: the environment
(`IKHUB_SECTION__KEY`, and `IKHUB_DATA` for `holdings.data`), the configuration file, the default declared here.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from holdings.access import parse_label
from holdings.errors import ConfigurationError, UsageError

ENVIRONMENT_PREFIX = "IKHUB_"
# Variables with the prefix that are not keys of a section.
_SPECIAL_VARIABLES = {"IKHUB_CONFIG", "IKHUB_DATA", "IKHUB_CORPUS"}
DEFAULT_FILE = Path("config.yaml")


def _checked_label(label: str) -> str:
    try:
        return parse_label(label)
    except UsageError as error:
        raise ValueError(f"{error.message}. {error.advice_given}") from error


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r} of that IANA name") from error


AccessLabel = Annotated[str, AfterValidator(_checked_label)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _part(section: type[_Section], description: str) -> Any:
    """Declare a key that is a section of its own, at the defaults of its keys."""
    return Field(default_factory=lambda: section.model_validate({}), description=description)


class HoldingsSettings(_Section):
    data: Path = Field(
        Path("data"),
        description="Folder of the catalogue, the file store and the embedded index; a relative path starts at the "
        "working folder. IKHUB_DATA moves it, so that two hubs can stand side by side.",
    )
    database_url: str = Field(
        "",
        description="SQLAlchemy URL of the catalogue; empty means SQLite in the data folder. For PostgreSQL: "
        "postgresql+psycopg://user@host/name. A URL with a password belongs in IKHUB_HOLDINGS__DATABASE_URL.",
    )
    vocabularies: Path | None = Field(
        None, description="Folder whose files replace packaged vocabularies of the same name, such as themes.yaml."
    )


class ElasticsearchSettings(_Section):
    url: str = Field("http://127.0.0.1:9200", description="Address of the Elasticsearch server or cluster.")
    prefix: str = Field(
        "ikhub", pattern=r"^[a-z][a-z0-9_-]*$", description="How the names of this hub's indices begin."
    )
    username: str = Field("", description="User name, where the server asks for one and no API key is given.")
    password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    api_key: SecretStr = Field(SecretStr(""), description="API key, where the server asks for one.")
    ca_certs: Path | None = Field(None, description="Certificate file of the authority that signed the server's.")
    timeout_seconds: float = Field(10, gt=0, description="How long to wait for an answer.")
    replicas: int = Field(0, ge=0, description="Copies of each index; more than 0 only makes sense on a cluster.")


class IndexerSettings(_Section):
    engine: Literal["embedded", "elasticsearch"] = Field(
        "embedded",
        description="Search engine: embedded (tantivy, in the data folder, one machine) or elasticsearch. After a "
        "change, `ikhub index sync` fills the new one from the catalogue.",
    )
    elasticsearch: ElasticsearchSettings = _part(ElasticsearchSettings, "Used when engine is elasticsearch.")
    templates: Path | None = Field(
        None, description="Folder whose files replace packaged search templates of the same name."
    )
    roots: Path | None = Field(
        None,
        description="File of Indonesian root words that replaces the stemmer's own list: one a line, or a Hunspell "
        "dictionary such as id_ID.dic. After a change, `ikhub index sync` builds the index anew.",
    )


class LimitSettings(_Section):
    seconds: float = Field(300, gt=0, description="Wall clock that reading one file may take.")
    cpu_seconds: int = Field(240, gt=0, description="Processor time that reading one file may take.")
    memory_mb: int = Field(1536, ge=256, description="Address space of the process that reads files.")
    output_mb: int = Field(200, gt=0, description="Text that one file may give.")
    open_files: int = Field(64, ge=16, description="Files that the process that reads may hold open.")
    recycle_after: int = Field(200, gt=0, description="Files after which the process that reads is replaced.")


class PdfSettings(_Section):
    reader: Literal["auto", "pdfminer", "pdfium"] = Field(
        "auto",
        description="Who reads PDF: auto (pdfium, and pdfminer.six the pages that look doubtful), pdfminer or pdfium "
        "alone. After a change, `ikhub ingest reprocess` reads again what the other has read.",
    )


class OcrSettings(_Section):
    enabled: bool = Field(True, description="Whether pages that are pictures of text are read by tesseract (OCR).")
    languages: str = Field(
        "ind+eng",
        pattern=r"^[a-zA-Z_]{3,}(\+[a-zA-Z_]{3,})*$",
        description="Languages that tesseract reads, as its data files are named, joined by +.",
    )
    dpi: int = Field(200, ge=70, le=600, description="Dots per inch at which pages are drawn for tesseract.")


class ArchiveSettings(_Section):
    max_mb: int = Field(2000, gt=0, description="What one archive, with those in it, may unpack to.")
    max_entries: int = Field(5000, gt=0, description="Files that one archive, with those in it, may hold.")
    max_depth: int = Field(3, ge=1, le=10, description="How deep archives in archives are unpacked; 1 is not at all.")


class HarvestSettings(_Section):
    hosts: list[str] = Field(
        [], description="Hosts besides the source's own from which files are fetched, such as files.example.org."
    )
    private_networks: list[IPv4Network | IPv6Network] = Field(
        [],
        description="Networks inside the organisation that may be harvested, such as 10.1.2.0/24. Without them nothing "
        "on a private, loopback or link-local address is asked.",
    )
    delay_seconds: float = Field(
        1, ge=0, description="Pause between two requests to a host; longer where its robots.txt asks for more."
    )
    timeout_seconds: float = Field(30, gt=0, description="How long to wait for a connection, and for its next bytes.")
    request_seconds: float = Field(600, gt=0, description="What one request may take from its beginning to its end.")
    max_wait_seconds: float = Field(
        300,
        ge=0,
        description="Longest wait that a server may ask for (Retry-After); one that asks for more is left for the next "
        "run.",
    )
    max_items: int = Field(10_000, gt=0, description="Records or addresses of one run; the next run goes on.")
    max_run_mb: int = Field(5_000, gt=0, description="What one run may fetch in all; the next run goes on.")


class InboxSettings(_Section):
    settle_seconds: float = Field(
        10, ge=0, description="How long size and time of a file must stay the same before `ingest watch` takes it."
    )
    poll_seconds: float = Field(5, gt=0, description="Pause between two looks of `ingest watch` into its folder.")


class IngestSettings(_Section):
    access: list[AccessLabel] = Field(
        ["public"], min_length=1, description="Access labels of what is added when neither --access nor metadata say."
    )
    max_file_mb: int = Field(200, gt=0, description="Largest file that is read.")
    workers: int = Field(
        2, ge=1, le=64, description="Files that are read at the same time, each in a process of its own."
    )
    limits: LimitSettings = _part(LimitSettings, "Limits of the sandbox, for each file.")
    pdf: PdfSettings = _part(PdfSettings, "How PDF is read.")
    ocr: OcrSettings = _part(OcrSettings, "How pictures of text are read.")
    archives: ArchiveSettings = _part(ArchiveSettings, "How archives are unpacked.")
    harvest: HarvestSettings = _part(HarvestSettings, "How sources are harvested.")
    inbox: InboxSettings = _part(InboxSettings, "How an inbox is watched.")
    broker_url: str = Field(
        "",
        description="Redis that delivers work to Celery workers, such as redis://127.0.0.1:6379/0; empty means one "
        "local worker. A URL with a password belongs in IKHUB_INGEST__BROKER_URL.",
    )


Rate = Annotated[str, Field(pattern=r"^(\d+/(second|minute|hour|day)(;\d+/(second|minute|hour|day))*)?$")]


class LimitsSettings(_Section):
    sign_in: Rate = Field("10/minute;60/hour", description="Attempts to sign in, from one address.")
    second_factor: Rate = Field("10/minute;60/hour", description="Codes of the second factor, from one address.")
    password_reset: Rate = Field("5/minute;20/hour", description="Letters for a new password, and their use.")
    invitation: Rate = Field("10/minute;60/hour", description="Attempts to accept an invitation.")
    takedown: Rate = Field("5/minute;20/hour", description="Reports that ask for a document to be taken down.")
    search: Rate = Field("300/minute", description="Searches on the site.")
    api: Rate = Field("600/minute", description="Requests to the API.")
    upload: Rate = Field("1200/minute", description="Pieces of files that contributors send.")
    form: Rate = Field("120/minute", description="Forms of any other kind that are sent.")
    storage_url: str = Field(
        "",
        description="Redis that counts them for all processes together; empty means that of ingest.broker_url, and "
        "without one each process counts for itself: people then get up to app.workers times as much. A URL with a "
        "password belongs in IKHUB_APP__LIMITS__STORAGE_URL.",
    )


class UploadSettings(_Section):
    expire_hours: float = Field(
        48, gt=0, description="Hours after its last piece when a file that was not sent to its end is thrown away."
    )
    quota_mb: int = Field(
        20_000, gt=0, description="What each organisation may keep, unless an administrator says otherwise of one."
    )


class MailSettings(_Section):
    host: str = Field(
        "",
        description="Mail server that takes the hub's letters; empty means none: letters wait until there is one, and "
        "the administration shows them.",
    )
    port: int = Field(
        587, ge=1, le=65535, description="Its port: mostly 587 with starttls, 465 with tls, 25 with none."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is encrypted; none only to a server on the same machine."
    )
    username: str = Field("", description="User name, where the server asks for one.")
    password: SecretStr = Field(SecretStr(""), description="Password of that user.")
    ca_certs: Path | None = Field(
        None, description="Certificate file of the authority that signed the server's; empty means the system's."
    )
    sender: str = Field(
        "",
        pattern=r"^([^@\s<>]+@[^@\s<>]+)?$",
        description="Address that letters come from, such as no-reply@hub.example.go.id; empty means app.contact where "
        "that is an address, else no-reply at the name in app.public_url.",
    )
    timeout_seconds: float = Field(30, gt=0, description="How long to wait for an answer of the server.")
    max_per_hour: int = Field(
        0, ge=0, description="Letters that are sent in an hour, where the server takes no more; 0 means any number."
    )
    keep_days: int = Field(
        90,
        ge=1,
        description="Days after which nothing is kept of a letter that was sent or did not go but its kind and times. "
        "One that waits is kept.",
    )


class DeskSettings(_Section):
    mail: MailSettings = _part(MailSettings, "How letters are sent.")
    alerts_hour: int = Field(
        7, ge=0, le=23, description="Hour, in app.time_zone, at which daily and weekly (Monday) alerts are due."
    )
    keep_notices_days: int = Field(
        365, ge=1, description="Days after which a notice that its person has read is deleted."
    )


class OidcSettings(_Section):
    issuer: str = Field(
        "",
        pattern=r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/[^\s?#]*)?)?$",
        description="Address of an OpenID Connect provider with which people sign in, such as "
        "https://sso.example.go.id; empty means none. It must lead back to /sign-in/provider/callback and "
        "/en/sign-in/provider/callback.",
    )
    client_id: str = Field("", description="What the hub is called at the provider.")
    client_secret: SecretStr = Field(SecretStr(""), description="Secret of the hub at the provider.")
    name: str = Field("SSO", min_length=1, description="Name of the provider on the button of the sign-in page.")
    required_claims: list[str] = Field(
        [], description="What the provider must say of a person, each as claim=value, such as groups=ikhub."
    )
    trust_second_factor: bool = Field(
        False,
        description="Whether a sign-in of which the provider says that it took several factors (amr: mfa) needs no "
        "second factor of the hub.",
    )
    timeout_seconds: float = Field(10, gt=0, description="How long to wait for an answer of the provider.")


class AppSettings(_Section):
    name_id: str = Field("I-KHub", min_length=1, description="Name of the hub on Indonesian pages.")
    name_en: str = Field("I-KHub", min_length=1, description="Name of the hub on English pages.")
    contact: str = Field("", description="Address of the people who run the hub, shown at the foot of each page.")
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^/\s]+)?$",
        description="Address of the hub as people and letters have it, such as https://hub.example.go.id; empty means "
        "http:// with host and port. With https, cookies are sent over https only and browsers are told to stay there.",
    )
    proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="Reverse proxies before the hub whose X-Forwarded headers it believes; with a wrong number a "
        "visitor can forge the address that rate limits and the list of sessions go by.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key that signs cookies and encrypts second factors; empty means the one in the data folder, made "
        "when it is first needed. Hubs on several machines need the same.",
    )
    oidc: OidcSettings = _part(OidcSettings, "Sign-in with a provider.")
    time_zone: Annotated[str, AfterValidator(_checked_zone)] = Field(
        "Asia/Jakarta", description="Time zone in which embargoes are entered and times are shown, by its IANA name."
    )
    uploads: UploadSettings = _part(UploadSettings, "How contributors send files.")
    limits: LimitsSettings = _part(
        LimitsSettings,
        "How often one person, or one address that nobody signed in from, may ask, such as 10/minute;60/hour; empty "
        "means as often as they like.",
    )
    host: str = Field("127.0.0.1", description="Address that `ikhub serve` listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port that `ikhub serve` listens on; 0 takes a free one.")
    workers: int = Field(2, ge=1, le=64, description="Processes that answer requests.")
    threads: int = Field(
        8,
        ge=1,
        le=64,
        description="Threads of each of these processes; files that people send take half of them at most.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is written to the log.")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Settings(_Section):
    """All settings. Build it with `load_settings`; in tests `Settings.model_validate({})` gives the defaults."""

    holdings: HoldingsSettings = _part(HoldingsSettings, "What the hub holds, and where.")
    indexer: IndexerSettings = _part(IndexerSettings, "How it is found.")
    ingest: IngestSettings = _part(IngestSettings, "How files come in.")
    desk: DeskSettings = _part(DeskSettings, "How people are told of things.")
    app: AppSettings = _part(AppSettings, "How people reach the hub.")

    @property
    def data(self) -> Path:
        return self.holdings.data.expanduser().absolute()

    @property
    def database_url(self) -> str:
        return self.holdings.database_url or f"sqlite:///{self.data / 'catalogue.sqlite3'}"


def load_settings(file: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from `file`, else `IKHUB_CONFIG`, else `config.yaml` of the working folder if there is one.

    Raises ConfigurationError that names the key, for an unknown key, a value that does not fit, a secret that stands
    in the file, or a file that was named and cannot be read.
    """
    env = os.environ if environment is None else environment
    named = file or (Path(env["IKHUB_CONFIG"]) if env.get("IKHUB_CONFIG") else None)
    path = named or (DEFAULT_FILE if DEFAULT_FILE.is_file() else None)
    values = _read_file(path) if path else {}
    _refuse_secrets(values, path)
    _merge_environment(values, env)
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {_reason(detail['type'], detail['msg'])}"
            for detail in error.errors()
        )
        raise ConfigurationError(f"These settings do not fit: {problems}") from error


def _reason(kind: str, message: str) -> str:
    return "there is no such key" if kind == "extra_forbidden" else message


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"The configuration file {path} cannot be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"The configuration file {path} must hold sections with keys")
    # A section that stands there with every key commented out is the section with its defaults.
    return {key: ({} if value is None else value) for key, value in content.items()}


def settings_keys() -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Yield each key as its path and its declaration, in order: what documents, checks and templates are made from."""
    yield from _walk(Settings, ())


def _walk(section: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    for name, field in section.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _walk(inner, (*path, name))
        else:
            yield (*path, name), field


def _refuse_secrets(values: Mapping[str, Any], path: Path | None) -> None:
    for key, field in settings_keys():
        value: Any = values
        for part in key:
            value = value.get(part) if isinstance(value, Mapping) else None
        if not value:
            continue
        is_secret = field.annotation is SecretStr or (key[-1].endswith("_url") and bool(_password(str(value))))
        if is_secret:
            raise ConfigurationError(
                f"{'.'.join(key)} in {path} holds a secret",
                advice=f"Take it out of the file and give it as {environment_name(key)} in the environment.",
            )


def _password(url: str) -> str | None:
    try:
        return urlsplit(url).password
    except ValueError:
        return None


def environment_name(key: tuple[str, ...]) -> str:
    """Return the environment variable of a key: `("app", "port")` is `IKHUB_APP__PORT`."""
    return ENVIRONMENT_PREFIX + "__".join(key).upper()


def _merge_environment(values: dict[str, Any], env: Mapping[str, str]) -> None:
    known = {environment_name(key): (key, field) for key, field in settings_keys()}
    sections = {name.upper() for name in Settings.model_fields}
    for name, text in env.items():
        if name not in known:
            section = name.removeprefix(ENVIRONMENT_PREFIX).split("__", 1)[0]
            if name.startswith(ENVIRONMENT_PREFIX) and "__" in name and name not in _SPECIAL_VARIABLES:
                hint = "" if section in sections else f"; sections are {', '.join(sorted(Settings.model_fields))}"
                raise ConfigurationError(f"The environment variable {name} names no setting{hint}")
            continue
        key, field = known[name]
        _put(values, key, _from_text(text, field))
    if env.get("IKHUB_DATA"):
        _put(values, ("holdings", "data"), env["IKHUB_DATA"])


def _from_text(text: str, field: FieldInfo) -> Any:
    """Return a value of the environment: text, but for a list (comma-separated) and for an empty optional value."""
    annotation = field.annotation
    if str(annotation).startswith("list["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if text == "" and type(None) in get_args(annotation):
        return None
    return text


def _put(values: dict[str, Any], key: tuple[str, ...], value: Any) -> None:
    for part in key[:-1]:
        inner = values.setdefault(part, {})
        if not isinstance(inner, dict):
            return  # validation names the section that is not one
        values = inner
    values[key[-1]] = value


def configuration_text() -> str:
    """Return `config.yaml` as it is shipped: every key that is not a secret, at its default, with its help."""
    lines = [
        "# Settings of I-KHub, each at its default. What stands in the environment comes first: app.port is",
        "# IKHUB_APP__PORT there. Secrets are read from the environment only. Made by `ikhub init`.",
    ]
    opened: tuple[str, ...] = ()
    for key, field in settings_keys():
        section = key[:-1]
        for depth in range(len(section)):
            if opened[: depth + 1] != section[: depth + 1]:
                lines += ([""] if depth == 0 else []) + [f"{'  ' * depth}{section[depth]}:"]
        opened = section
        indent = "  " * len(section)
        lines += [f"{indent}# {line}" for line in textwrap.wrap(field.description or "", 116 - len(indent))]
        if field.annotation is SecretStr:
            lines.append(f"{indent}# Only as {environment_name(key)} in the environment.")
        else:
            lines.append(f"{indent}{key[-1]}: {yaml_value(field.get_default(call_default_factory=True))}")
    return "\n".join(lines) + "\n"


def yaml_value(value: Any) -> str:
    """Return a value as one line of YAML."""
    if value is None:
        return "null"
    if isinstance(value, Path):
        value = str(value)
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()
