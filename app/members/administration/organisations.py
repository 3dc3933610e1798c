"""Organisations as administrators see them: the list, making and changing one, and the import of a file."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members.administration.organisation_forms import ImportForm, ProfileForm, fault_words
from app.people import only_for, person
from app.site.links import link
from desk import organisations as desk
from desk.organisation_file import COLUMNS, MAX_BYTES, RowFault, RowOutcome, RowReport, import_organisations
from holdings import organisations
from holdings.accounts import HubRole
from holdings.errors import UnknownIdError, UsageError
from holdings.identifiers import slug
from holdings.model import Organisation
from holdings.organisations import Usage
from holdings.profiles import Fault, is_id
from indexer.facets import facet_label
from indexer.model import Facet

_ADMINISTRATION = "members/administration"


@dataclass(frozen=True, slots=True)
class Line:
    """An organisation in the list, with what its space holds."""

    id: str
    label: str
    group: str
    usage: Usage
    quota_mb: int


def add_routes(site: Blueprint) -> None:
    """Add the pages of organisations to the site."""
    both = ["GET", "POST"]
    site.add_url_rule("/administration/organisations", "administered_organisations", listed)
    site.add_url_rule("/administration/new-organisation", "new_organisation", new, methods=both)
    site.add_url_rule("/administration/import-organisations", "import_organisations", import_file, methods=both)
    site.add_url_rule(
        "/administration/organisations/<organisation_id>", "administered_organisation", change, methods=both
    )


@only_for(HubRole.ADMINISTRATOR)
def listed() -> str:
    """Show all organisations, or those whose name or id has the words that are asked for."""
    hub, language = current_hub(), current_language()
    with hub.catalogue.read() as session:
        known = organisations.all_organisations(session)
        usage = organisations.usage(session)
    asked = request.args.get("q", "").strip()[:200]
    lines = [
        Line(
            one.id,
            one.label(language),
            facet_label(hub, Facet.GROUP, one.group, language) if one.group else "",
            usage.get(one.id, Usage()),
            _quota(one),
        )
        for one in known.values()
        if asked.casefold() in f"{one.id} {one.name_id} {one.name_en} {one.acronym}".casefold()
    ]
    lines.sort(key=lambda line: line.label.casefold())
    return render_template(
        f"{_ADMINISTRATION}/organisations.html", tab="administered_organisations", lines=lines, asked=asked
    )


@only_for(HubRole.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    """Make an organisation."""
    form = _profile_form(None)
    if form.validate_on_submit():
        organisation_id = (form.id.data or "").strip() or slug(form.acronym.data or form.name_id.data or "")
        try:
            if not is_id(organisation_id):
                raise UsageError(fault_words(Fault.ID))
            desk.create(current_hub(), form.profile(organisation_id), by=person())
        except UsageError:
            form.id.errors = [gettext("No organisation can have this id, or it had one already. Choose another.")]
        else:
            flash(gettext("The organisation was added."))
            return redirect(link("administered_organisation", organisation_id=organisation_id))
    return render_template(
        f"{_ADMINISTRATION}/new_organisation.html",
        tab="administered_organisations",
        form=form,
        usual_mb=current_hub().settings.app.uploads.quota_mb,
    )


@only_for(HubRole.ADMINISTRATOR)
def change(organisation_id: str) -> ResponseReturnValue:
    """Change the profile of an organisation, and see what its space holds. A former id leads on."""
    hub = current_hub()
    found = find(organisation_id)
    if found.id != organisation_id:
        return redirect(link("administered_organisation", organisation_id=found.id), 301)
    form = _profile_form(found)
    del form.id
    if form.validate_on_submit():
        is_changed = desk.change(hub, form.profile(found.id), by=person(), edition=form.edition.data)
        flash(gettext("The organisation was changed.") if is_changed else gettext("Nothing was different."))
        return redirect(link("administered_organisation", organisation_id=found.id))
    with hub.catalogue.read() as session:
        usage = organisations.usage(session).get(found.id, Usage())
        former = sorted(old for old, present in organisations.former_ids(session).items() if present == found.id)
    return render_template(
        f"{_ADMINISTRATION}/organisation.html",
        tab="administered_organisations",
        form=form,
        organisation=found,
        usage=usage,
        quota_mb=_quota(found),
        usual_mb=hub.settings.app.uploads.quota_mb,
        former=former,
    )


@only_for(HubRole.ADMINISTRATOR)
def import_file() -> ResponseReturnValue:
    """Add and change organisations as a CSV file says, and show what became of each row."""
    form = ImportForm()
    reports: list[RowReport] | None = None
    if form.validate_on_submit():
        content = form.file.data.read(MAX_BYTES + 1)
        try:
            reports = import_organisations(current_hub(), content, file="The file", by=person())
        except UsageError:
            columns = ", ".join(COLUMNS)
            form.file.errors = [
                gettext("This file has no header with these columns: %(columns)s.") % {"columns": columns}
            ]
    left_out = [(report.line, _row_words(report)) for report in reports or () if report.fault is not None]
    counts = {outcome.value: sum(report.outcome is outcome for report in reports or ()) for outcome in RowOutcome}
    return render_template(
        f"{_ADMINISTRATION}/import_organisations.html",
        tab="administered_organisations",
        form=form,
        columns=COLUMNS,
        is_done=reports is not None,
        counts=counts,
        left_out=left_out,
    )


def find(organisation_id: str) -> Organisation:
    """Return the organisation that has an id, or had it, as it is now. Raises UnknownIdError."""
    if not is_id(organisation_id):
        raise UnknownIdError("There is no such organisation")
    with current_hub().catalogue.read() as session:
        return organisations.get(session, organisations.resolve(session, organisation_id))


def _profile_form(organisation: Organisation | None) -> ProfileForm:
    language = current_language()
    form = ProfileForm(obj=organisation)
    groups = current_hub().vocabularies.stakeholder_groups.values()
    form.offer_groups((group.id, group.label(language)) for group in groups)
    if organisation is not None and not form.is_submitted():
        form.edition.data = organisations.edition_of(organisation)
    return form


def _quota(organisation: Organisation) -> int:
    usual = current_hub().settings.app.uploads.quota_mb
    return usual if organisation.quota_mb is None else organisation.quota_mb


def _row_words(report: RowReport) -> str:
    """Return what is wrong with a row, in the language of the page."""
    match report.fault:
        case None:
            return ""
        case RowFault.NOT_CSV:
            return gettext("This is not a row of CSV in UTF-8, or it has more cells than there are columns.")
        case RowFault.TWICE:
            return gettext("%(id)s stands in an earlier row already.") % {"id": report.organisation_id}
        case RowFault.FORMER:
            return gettext("%(id)s is a former id: the organisation is now %(present)s.") % {
                "id": report.organisation_id,
                "present": report.value,
            }
        case Fault():
            return f"{fault_words(report.fault)} {report.value}".strip()
