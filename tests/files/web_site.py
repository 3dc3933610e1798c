"""A web site of a test on a free port of this machine, in a thread: pages by path, and every request written down."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Headers = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    query: Mapping[str, str]
    headers: Headers


Page = Answer | Callable[[Request], Answer]


class WebSite:
    """Answers from `pages`, 404 for what is not there; a context manager. `asked` is what was asked for, in order."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[Request] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                headers = {name.casefold(): value for name, value in self.headers.items()}
                request = Request(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers)
                site.requests.append(request)
                page = site.pages.get(parts.path, Answer(b"", status=404))
                answer = page(request) if callable(page) else page
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                if "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for since `forget`, without robots.txt."""
        return [request.path for request in self.requests if request.path != "/robots.txt"]

    def forget(self) -> None:
        self.requests.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@dataclass(slots=True)
class OaiRecord:
    """A record of a source: `metadata` are pairs of an element's name and its text."""

    identifier: str
    datestamp: str
    metadata: list[tuple[str, str]] = field(default_factory=list)
    deleted: bool = False


class OaiPmh:
    """An OAI-PMH source: records in pages with resumption tokens, selected by date. Put it at a path of a site."""

    def __init__(self, records: list[OaiRecord], *, page_size: int = 2, granularity: str = "YYYY-MM-DDThh:mm:ssZ"):
        self.records, self.page_size, self.granularity = records, page_size, granularity
        self.now = "2026-11-20T10:00:00Z"
        self.tokens: dict[str, tuple[str, int]] = {}

    def __call__(self, request: Request) -> Answer:
        query = request.query
        match query.get("verb"):
            case "Identify":
                body = (
                    "<Identify><repositoryName>Repositori</repositoryName><protocolVersion>2.0</protocolVersion>"
                    f"<granularity>{self.granularity}</granularity><deletedRecord>persistent</deletedRecord></Identify>"
                )
            case "GetRecord":
                found = [r for r in self.records if r.identifier == query["identifier"]]
                body = f"<GetRecord>{_record(found[0])}</GetRecord>" if found else _error("idDoesNotExist")
            case "ListRecords":
                body = self._list(query)
            case _:
                body = _error("badVerb")
        return Answer(_wrapped(body, self.now), "text/xml; charset=utf-8")

    def _list(self, query: Mapping[str, str]) -> str:
        if token := query.get("resumptionToken"):
            if token not in self.tokens:
                return _error("badResumptionToken")
            since, start = self.tokens[token]
        else:
            if query.get("metadataPrefix") != "oai_dc":
                return _error("cannotDisseminateFormat")
            since, start = query.get("from", ""), 0
        found = [r for r in self.records if r.datestamp >= since]
        page, rest = found[start : start + self.page_size], found[start + self.page_size :]
        if not page:
            return _error("noRecordsMatch")
        end = ""
        if rest:
            token = f"token-{since}-{start + self.page_size}"
            self.tokens[token] = (since, start + self.page_size)
            end = f"<resumptionToken completeListSize='{len(found)}'>{token}</resumptionToken>"
        elif start:
            end = "<resumptionToken/>"
        return f"<ListRecords>{''.join(map(_record, page))}{end}</ListRecords>"


def _record(record: OaiRecord) -> str:
    status = " status='deleted'" if record.deleted else ""
    header = (
        f"<header{status}><identifier>{record.identifier}</identifier>"
        f"<datestamp>{record.datestamp}</datestamp></header>"
    )
    if record.deleted:
        return f"<record>{header}</record>"
    fields = "".join(f"<dc:{name}>{text}</dc:{name}>" for name, text in record.metadata)
    return (
        f"<record>{header}<metadata><oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'>{fields}</oai_dc:dc></metadata></record>"
    )


def _error(code: str) -> str:
    return f"<error code='{code}'>{code}</error>"


def _wrapped(body: str, now: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='UTF-8'?><OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>"
        f"<responseDate>{now}</responseDate><request>http://x/</request>{body}</OAI-PMH>"
    ).encode()
