"""`ikhub search`."""

from __future__ import annotations

import click
from rich.console import Console
from rich.text import Text

from app.cli.context import Session, errors, print_json
from app.cli.reading_as import viewer_as
from app.contract import SHOWN_OF_A_HIT, search_object
from holdings.errors import UnknownIdError, UsageError
from indexer.discover import discover
from indexer.facets import is_year
from indexer.model import DEFAULT_SIZE, MAX_SIZE, Facet, Language, SearchRequest, SearchResponse, Snippet, Sort


@click.command()
@click.argument("query", default="")
@click.option("--theme", multiple=True, metavar="ID")
@click.option("--province", multiple=True, metavar="ID", help="Kemendagri code, such as 33.")
@click.option("--kind", multiple=True, metavar="ID")
@click.option("--organisation", multiple=True, metavar="ID")
@click.option("--group", multiple=True, metavar="ID", help="Stakeholder group.")
@click.option("--priority", multiple=True, metavar="ID", help="National priority.")
@click.option("--language", multiple=True, metavar="xx", help="ISO 639-1, such as id or en.")
@click.option("--year", multiple=True, metavar="Y | Y..Z")
@click.option("--sort", type=click.Choice([sort.value for sort in Sort]), default=Sort.RELEVANCE.value)
@click.option("--size", type=click.IntRange(1, MAX_SIZE), default=DEFAULT_SIZE, show_default=True)
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--as", "labels", multiple=True, metavar="LABEL", help="Search as one who carries this access label, too."
)
@click.option("--label-language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_obj
def search(
    session: Session,
    /,
    query: str,
    sort: str,
    size: int,
    page: int,
    labels: tuple[str, ...],
    label_language: Language,
    as_json: bool,
    **filters: tuple[str, ...],
) -> None:
    """Search what the hub holds. Values of one facet are alternatives, facets narrow each other.

    QUERY: words, "a phrase", AND OR NOT, -without, begin*, (groups), title:word.
    """
    for year in filters["year"]:
        if not is_year(year):
            raise UsageError(f"{year!r} is not a year", advice="Give --year 2018, or --year 2015..2020.")
    with session.hub() as hub:
        request = SearchRequest(
            query=query,
            filters={Facet(name): values for name, values in filters.items() if values},
            sort=Sort(sort),
            page=page,
            size=size,
            viewer=viewer_as(hub, labels),
            label_language=label_language,
        )
        response = discover(hub, request)
    unknown = [note.message for note in response.notes if note.code == "unknown_id"]
    if unknown and request.filters:
        raise UnknownIdError(" ".join(unknown))
    if as_json:
        print_json(search_object(response, with_score=True))
    else:
        _print(response)


def _print(response: SearchResponse) -> None:
    out = Console(highlight=False, soft_wrap=True)
    for note in response.notes:
        errors.print(note.message, style="yellow", markup=False)
    out.print(f"{response.total} documents, {response.took_ms} ms", style="dim")
    for number, hit in enumerate(response.hits, (response.page - 1) * response.size + 1):
        out.print()
        scanned = " (from a scan, OCR)" if hit.title_by_ocr else ""
        out.print(Text.assemble((f"{number}. ", "dim"), (hit.title, "bold"), (scanned, "dim")))
        described = [hit.document_id, hit.kind or "", hit.date or "", hit.language]
        inferred = [name for name in SHOWN_OF_A_HIT if name in hit.inferred and getattr(hit, name)]
        marked = f"  (inferred: {', '.join(inferred)})" if inferred else ""
        out.print("   " + "  ".join(part for part in described if part) + marked, style="dim", markup=False)
        for page_hit in hit.page_hits:
            scanned = " (from a scan, OCR)" if page_hit.by_ocr else ""
            where = f"   {page_hit.unit} {page_hit.page}{scanned}: "
            out.print(Text.assemble((where, "dim"), _marked(page_hit.snippet)))


def _marked(snippet: Snippet) -> Text:
    text = Text(snippet.text)
    for mark in snippet.marks:
        text.stylize("bold yellow", mark.start, mark.end)
    return Text.assemble("…" if snippet.cut_before else "", text, "…" if snippet.cut_after else "")
