"""Vocabularies as administrators edit them: what an edit changes is shown, in numbers, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members.administration.term_form import TermForm
from app.people import only_for, person
from app.site.links import link
from app.site.panel import facet_name
from desk import vocabularies as desk
from desk.vocabularies import Preview
from holdings import term_uses, terms
from holdings.accounts import HubRole
from holdings.errors import UnknownIdError, UsageError
from holdings.identifiers import slug
from holdings.profiles import is_id
from holdings.vocabularies.edits import EDITED, OPEN, TermEdit, edit_of
from holdings.vocabularies.lookup import terms_of
from indexer.model import Facet

_ADMINISTRATION = "members/administration"


@dataclass(frozen=True, slots=True)
class Line:
    """A term in the list."""

    id: str
    label_id: str
    label_en: str
    names: int
    documents: int
    is_edited: bool
    retired: bool


def add_routes(site: Blueprint) -> None:
    """Add the pages of vocabularies to the site."""
    both = ["GET", "POST"]
    address = "/administration/vocabularies"
    site.add_url_rule(address, "administered_vocabularies", overview)
    site.add_url_rule(f"{address}/<vocabulary>", "administered_vocabulary", listed)
    site.add_url_rule(f"{address}/<vocabulary>/new", "new_term", new, methods=both)
    site.add_url_rule(f"{address}/<vocabulary>/terms/<term_id>", "administered_term", change, methods=both)
    site.add_url_rule(f"{address}/<vocabulary>/terms/<term_id>/restore", "restore_term", restore, methods=["POST"])


@only_for(HubRole.ADMINISTRATOR)
def overview() -> ResponseReturnValue:
    """Lead to the themes, which are edited most."""
    return redirect(link("administered_vocabulary", vocabulary=EDITED[0]))


@only_for(HubRole.ADMINISTRATOR)
def listed(vocabulary: str) -> str:
    """Show the terms of a vocabulary."""
    hub, vocabulary = current_hub(), _known(vocabulary)
    vocabularies = hub.words.all(fresh=True)
    with hub.catalogue.read() as session:
        edited = {edit.id for edit in terms.all_edits(session) if edit.vocabulary == vocabulary}
        counts = term_uses.counts_found_by(session, vocabulary)
    lines = []
    for term_id in terms_of(vocabularies, vocabulary):
        edit = edit_of(vocabularies, vocabulary, term_id)
        assert edit is not None
        names = len({name.casefold() for name in edit.names})
        lines.append(
            Line(term_id, edit.label_id, edit.label_en, names, counts.get(term_id, 0), term_id in edited, edit.retired)
        )
    return render_template(
        f"{_ADMINISTRATION}/vocabulary.html",
        tab="administered_vocabularies",
        vocabularies=[(one, facet_name(Facet(one))) for one in EDITED],
        vocabulary=vocabulary,
        lines=lines,
        is_open=vocabulary in OPEN,
        is_counted=vocabulary in term_uses.FIELDS,
    )


@only_for(HubRole.ADMINISTRATOR)
def new(vocabulary: str) -> ResponseReturnValue:
    """Add a term. What texts tell of it is shown first."""
    if vocabulary not in OPEN:
        raise UnknownIdError("There is no such page")
    form = _form(vocabulary)
    term_id = (form.id.data or "").strip() or slug(form.label_en.data or "")
    return _edited(form, vocabulary, term_id, None)


@only_for(HubRole.ADMINISTRATOR)
def change(vocabulary: str, term_id: str) -> ResponseReturnValue:
    """Change a term. What it changes is shown first."""
    before = edit_of(current_hub().words.all(fresh=True), _known(vocabulary), term_id)
    if before is None:
        raise UnknownIdError("There is no such term")
    form = _form(vocabulary)
    del form.id
    if not form.is_submitted():
        form.show(before)
    return _edited(form, vocabulary, term_id, before)


@only_for(HubRole.ADMINISTRATOR)
def restore(vocabulary: str, term_id: str) -> ResponseReturnValue:
    """Take back what people edited of a term."""
    hub, edition = current_hub(), request.form.get("edition", "")
    try:
        desk.restore(hub, _known(vocabulary), term_id, edition=edition, by=person())
    except UsageError:
        flash(
            gettext(
                "This cannot be taken back: documents have the term, or another term has one of its names by now. "
                "A term in use can be retired."
            ),
            "wrong",
        )
        return redirect(link("administered_term", vocabulary=vocabulary, term_id=term_id))
    flash(gettext("What people edited of the term was taken back."))
    return redirect(link("administered_vocabulary", vocabulary=vocabulary))


def _edited(form: TermForm, vocabulary: str, term_id: str, before: TermEdit | None) -> ResponseReturnValue:
    """Show the form, then what it would change, then save what was shown."""
    hub = current_hub()
    vocabularies = hub.vocabularies
    shown: Preview | None = None
    if form.validate_on_submit():
        edit = form.edit(vocabulary, term_id)
        if before is None and (not is_id(term_id) or term_id in terms_of(vocabularies, vocabulary)):
            form.id.errors = [gettext("No term can have this id, or there is one that has it. Choose another.")]
        elif not form.say_conflicts(vocabularies, edit):
            if request.form.get("step") == "save" and form.previewed.data == terms.edition_of(edit):
                desk.save(hub, edit, edition=form.edition.data or None, by=person())
                flash(gettext("The term was saved. Searches and pages know it within seconds."))
                return redirect(link("administered_term", vocabulary=vocabulary, term_id=term_id))
            shown = desk.preview(hub, before, edit, by=person())
            form.previewed.data = terms.edition_of(edit)
    with hub.catalogue.read() as session:
        is_edited = any((edit.vocabulary, edit.id) == (vocabulary, term_id) for edit in terms.all_edits(session))
        is_in_use = term_uses.is_in_use(session, vocabulary, term_id)
    return render_template(
        f"{_ADMINISTRATION}/term.html",
        tab="administered_vocabularies",
        form=form,
        vocabulary=vocabulary,
        vocabulary_name=facet_name(Facet(vocabulary)),
        term=before,
        preview=shown,
        is_open=vocabulary in OPEN,
        is_edited=is_edited,
        is_in_use=is_in_use,
        is_packaged=term_id in terms_of(hub.words.packaged, vocabulary),
        is_spotted=vocabulary in desk.SPOTTED,
    )


def _form(vocabulary: str) -> TermForm:
    form = TermForm()
    priorities = current_hub().vocabularies.priorities.values()
    form.priorities.choices = [(priority.id, priority.label(current_language())) for priority in priorities]
    if vocabulary not in OPEN:
        del form.priorities
        del form.retired
    return form


def _known(vocabulary: str) -> str:
    if vocabulary not in EDITED:
        raise UnknownIdError("There is no such vocabulary")
    return vocabulary
