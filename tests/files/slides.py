"""Presentations for tests: made by python-pptx, then given what it cannot write."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any
from xml.sax.saxutils import escape

from pptx import Presentation
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation as Made
from pptx.slide import Slide
from pptx.util import Inches

from tests.files.word import changed

_RELATIONS = b"</Relationships>"
NAMESPACES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main"'
)
TITLE_ONLY = 5
_PLACE = Inches(1), Inches(1), Inches(4), Inches(4)
# It has no types.
_chart_data: Any = import_module("pptx.chart.data")


def presentation(fill: Callable[[Made], object] = lambda _: None, **properties: str) -> bytes:
    """Return a PPTX that `fill` has written, with these core properties."""
    made = Presentation()
    for name, value in {"author": "", "title": "", **properties}.items():
        setattr(made.core_properties, name, value)
    fill(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def titled(*titles: str) -> bytes:
    """Return a PPTX with a slide for each title, and nothing else on it."""

    def fill(made: Made) -> None:
        for title in titles:
            add_slide(made, title)

    return presentation(fill)


def add_slide(made: Made, title: str | None = None) -> Slide:
    """Add a slide, with a title or with an empty one."""
    slide: Slide = made.slides.add_slide(made.slide_layouts[TITLE_ONLY])
    if title is not None and slide.shapes.title is not None:
        slide.shapes.title.text = title
    return slide


def add_box(slide: Slide, text: str) -> None:
    """Add a text box."""
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(1), Inches(1)).text_frame.text = text


def add_columns(
    slide: Slide, categories: Sequence[str], series: Mapping[str, Sequence[float]], *, number_format: str = "General"
) -> Any:
    """Add a chart of columns, and return it."""
    data = _chart_data.CategoryChartData(number_format=number_format)
    data.categories = categories
    for name, values in series.items():
        data.add_series(name, values)
    frame: Any = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *_PLACE, data)
    return frame.chart


def add_scatter(slide: Slide, name: str, points: Sequence[tuple[float, float]]) -> None:
    """Add a chart of points."""
    data = _chart_data.XyChartData()
    series = data.add_series(name)
    for x, y in points:
        series.add_data_point(x, y)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *_PLACE, data)


def with_shapes(xml: str, *, content: bytes | None = None, parts: Sequence[tuple[str, str, str]] = ()) -> bytes:
    """Return a PPTX whose first slide ends with these shapes.

    `parts` are further parts that it refers to: id and kind of the relation, and the part's XML; the prefixes p, a, r,
    mc, dgm, c and p188 are known in all of them.
    """
    relations = "".join(
        f'<Relationship Id="{identifier}" Type="http://example.org/relationships/{kind}" Target="../{identifier}.xml"/>'
        for identifier, kind, _ in parts
    ).encode()
    # The wrapper is no element of PowerPoint's; the walk does not mind.
    wrapped = f"<p:wrapper {NAMESPACES}>{xml}</p:wrapper>".encode()
    return changed(
        content or titled("Judul"),
        {
            "ppt/slides/slide1.xml": lambda part: part.replace(b"</p:spTree>", wrapped + b"</p:spTree>"),
            "ppt/slides/_rels/slide1.xml.rels": lambda part: part.replace(_RELATIONS, relations + _RELATIONS),
        },
        added={f"ppt/{identifier}.xml": part.encode() for identifier, _, part in parts},
    )


def shape(*paragraphs: str, placeholder: str | None = None) -> str:
    """Return a shape in PresentationML, with these paragraphs, each a text or an `a:p`."""
    kind = f'<p:ph type="{placeholder}"/>' if placeholder else ""
    inner = "".join(p if p.startswith("<a:p>") else f"<a:p><a:r><a:t>{escape(p)}</a:t></a:r></a:p>" for p in paragraphs)
    return f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr><p:txBody>{inner}</p:txBody></p:sp>"


def diagram(points: Mapping[str, str], links: Sequence[tuple[str, str, int]]) -> str:
    """Return the data of a diagram: points by id, each with the XML that is in it, and who is whose child in order."""
    inner = "".join(f'<dgm:pt modelId="{identifier}" {point}</dgm:pt>' for identifier, point in points.items())
    ends = "".join(f'<dgm:cxn srcId="{of}" destId="{to}" srcOrd="{order}"/>' for of, to, order in links)
    listed = f"<dgm:ptLst>{inner}</dgm:ptLst><dgm:cxnLst>{ends}</dgm:cxnLst>"
    return f"<dgm:dataModel {NAMESPACES}>{listed}</dgm:dataModel>"


def point(text: str) -> str:
    """Return the inside of a diagram's point: the end of its tag, and its text."""
    return f"><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t>"
