"""Parts of the front-end that need no hub: parameters, problems, HTML of what matched, the text of a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import MethodNotAllowed

from app import problems
from app.contract import marked_html, snippet_html
from app.parameters import SearchParameters, read_leniently
from app.problems import BadParameterError, problem_of, problem_of_http
from app.site.text import paragraphs
from holdings import errors
from holdings.access import Viewer
from holdings.model import Page, PageUnit
from indexer.model import Facet, Mark, Snippet, Sort


def test_an_address_says_what_is_searched() -> None:
    given_arguments = MultiDict([("q", "a b"), ("theme", "x"), ("theme", "y"), ("sort", "oldest"), ("page", "3")])
    parameters, ignored = read_leniently(given_arguments)
    request = parameters.request(Viewer(), "en")
    assert ignored == ()
    assert (request.query, request.filters) == ("a b", {Facet.THEME: ("x", "y")})
    assert (request.sort, request.page, request.size, request.label_language) == (Sort.OLDEST, 3, 10, "en")


def test_what_cannot_be_read_is_left_out_and_told() -> None:
    arguments = MultiDict([("q", "a"), ("page", "abc"), ("size", "1000"), ("foo", "1"), ("sort", "best")])
    parameters, ignored = read_leniently(arguments)
    assert parameters == SearchParameters.model_validate({"q": "a"})
    assert sorted(ignored) == ["foo", "page", "size", "sort"]


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=5))
def test_whatever_stands_in_an_address_can_be_read(arguments: dict[str, list[str]]) -> None:
    parameters, ignored = read_leniently(MultiDict(arguments))
    assert set(ignored) <= set(arguments)
    assert SearchParameters.model_validate(parameters.arguments()) == parameters.changed(
        page=parameters.page, **{facet.value: list(parameters.selected(facet)) for facet in Facet}
    )


def test_the_address_of_a_search_leaves_out_what_is_usual() -> None:
    usual = SearchParameters.model_validate({})
    assert usual.arguments() == {}
    chosen = usual.changed(theme=["x", "y", "x"], size=25)
    assert chosen.arguments() == {"theme": ["x", "y"], "size": 25}
    assert chosen.pairs(without=["size"]) == [("theme", "x"), ("theme", "y")]
    assert chosen.without(Facet.THEME, "x").arguments() == {"theme": ["y"], "size": 25}
    assert chosen.cleared().arguments() == {"size": 25}


def test_a_change_of_the_search_begins_at_the_first_page() -> None:
    parameters = SearchParameters.model_validate({"q": "a", "page": 7})
    assert parameters.changed(sort=Sort.TITLE).page == 1
    assert parameters.changed(page=8).page == 8


def test_marks_become_html_and_the_rest_is_escaped() -> None:
    assert marked_html("a <b> c", [Mark(2, 5)]) == "a <mark>&lt;b&gt;</mark> c"
    snippet = Snippet("x & y", (Mark(0, 1),), cut_before=True, cut_after=False)
    assert snippet_html(snippet) == "…<mark>x</mark> &amp; y"


def test_lines_broken_by_the_paper_are_told_from_those_that_end() -> None:
    item = "A line as long as the paper is\nand another one that is long\nshort end.\nNext item, also long enough\n"
    text = f"A title\n\n{item}"
    found = paragraphs(Page(1, PageUnit.PAGE, text), ())
    assert [[(str(line.html), line.broken) for line in paragraph] for paragraph in found] == [
        [("A title", False)],
        [
            ("A line as long as the paper is", True),
            ("and another one that is long", True),
            ("short end.", False),
            ("Next item, also long enough", True),
        ],
    ]


def test_sections_keep_their_lines_on_every_screen() -> None:
    (lines,) = paragraphs(Page(1, PageUnit.SECTION, "One paragraph of a section\nanother paragraph of it"), ())
    assert [line.broken for line in lines] == [False, False]


def test_a_mark_that_runs_over_the_end_of_a_line_is_marked_on_both() -> None:
    text = "hak\nasasi manusia"
    (lines,) = paragraphs(Page(1, PageUnit.PAGE, text), (Mark(0, 9),))
    assert [str(line.html) for line in lines] == ["<mark>hak</mark>", "<mark>asasi</mark> manusia"]


@given(st.text(alphabet="ab \n\t\r\x0b<", max_size=60), st.data())
def test_no_text_of_a_page_is_lost(text: str, data: st.DataObject) -> None:
    bounds = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    lines = [line for paragraph in paragraphs(Page(1, PageUnit.PAGE, text), (Mark(*bounds),)) for line in paragraph]
    shown = "".join(line.html.striptags() for line in lines)
    assert "".join(shown.split()) == "".join(text.split())


def _all_errors(root: type[errors.HubError]) -> list[type[errors.HubError]]:
    return [root, *(found for kind in root.__subclasses__() for found in _all_errors(kind))]


@pytest.mark.parametrize("kind", _all_errors(errors.HubError))
def test_every_error_has_a_status_and_says_nothing_of_the_machine(kind: type[errors.HubError]) -> None:
    secret = "postgresql://user@10.0.0.1/hub"
    error = kind([("q", secret)]) if issubclass(kind, BadParameterError) else kind(secret)
    problem = problem_of(error)
    assert problem.status in {400, 401, 403, 404, 409, 410, 413, 500, 503}
    assert problem.code == kind.code
    assert problem.detail
    assert problem.advice
    assert (problem.retry_after is not None) == (problem.status == 503)
    assert problem.status < 500 or secret not in problem.detail + problem.advice


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.UsageError, 400),
        (BadParameterError, 400),
        (errors.UnknownIdError, 404),
        (errors.EngineUnavailableError, 503),
        (errors.IndexOutdatedError, 503),
        (errors.NotInitialisedError, 503),
        (errors.SearchRefusedError, 500),
        (errors.InternalError, 500),
    ],
)
def test_statuses(kind: type[errors.HubError], status: int) -> None:
    assert problems.STATUSES
    assert next(s for k, s in problems.STATUSES if issubclass(kind, k)) == status


def test_an_error_of_the_protocol_is_a_problem_too() -> None:
    problem = problem_of_http(MethodNotAllowed(["GET"]))
    assert (problem.status, problem.code, problem.title) == (405, "method_not_allowed", "Method Not Allowed")
