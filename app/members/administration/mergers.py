"""Renaming and merging organisations: what changes for readers is shown first, in numbers."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.hub import current_hub
from app.i18n import current_language, gettext
from app.members.administration.organisation_forms import MergeForm, RenameForm
from app.members.administration.organisations import find
from app.people import only_for, person
from app.site.links import link
from desk import organisations as desk
from holdings import organisations
from holdings.accounts import HubRole
from holdings.errors import UsageError

_ADMINISTRATION = "members/administration"


def add_routes(site: Blueprint) -> None:
    """Add the pages of renaming and merging to the site."""
    both = ["GET", "POST"]
    address = "/administration/organisations/<organisation_id>"
    site.add_url_rule(f"{address}/rename", "rename_organisation", rename, methods=both)
    site.add_url_rule(f"{address}/merge", "merge_organisation", merge, methods=both)


@only_for(HubRole.ADMINISTRATOR)
def rename(organisation_id: str) -> ResponseReturnValue:
    """Give an organisation other names, and another id where one is given."""
    found = find(organisation_id)
    form = RenameForm(obj=found)
    if not form.is_submitted():
        form.new_id.data, form.edition.data = found.id, organisations.edition_of(found)
    if form.validate_on_submit():
        try:
            renamed = desk.rename(
                current_hub(),
                found.id,
                name_id=form.name_id.data.strip(),
                name_en=form.name_en.data.strip(),
                acronym=(form.acronym.data or "").strip() or None,
                new_id=(form.new_id.data or "").strip() or None,
                by=person(),
                edition=form.edition.data,
            )
        except UsageError:
            form.new_id.errors = [
                gettext("This id is in use, or was: an id is never given to another. Choose another.")
            ]
        else:
            flash(gettext("The organisation was renamed. Former addresses lead on."))
            return redirect(link("administered_organisation", organisation_id=renamed.id))
    return render_template(
        f"{_ADMINISTRATION}/rename_organisation.html", tab="administered_organisations", form=form, organisation=found
    )


@only_for(HubRole.ADMINISTRATOR)
def merge(organisation_id: str) -> ResponseReturnValue:
    """Merge an organisation into another: chosen first, then shown what changes, then confirmed."""
    hub, language = current_hub(), current_language()
    joining = find(organisation_id)
    form = MergeForm()
    if form.validate_on_submit():
        staying = find(form.into.data)
        desk.merge(hub, joining.id, staying.id, by=person(), edition=form.edition.data)
        flash(gettext("The organisations were merged. Former addresses lead on."))
        return redirect(link("administered_organisation", organisation_id=staying.id))
    into = request.args.get("into", "")
    staying_or_none = find(into) if into and into != joining.id else None
    foreseen = None
    if staying_or_none is not None:
        foreseen = desk.foresee(hub, joining.id, staying_or_none.id)
        form.into.data, form.edition.data = staying_or_none.id, foreseen.edition
    others = [one for one in hub.organisations.all(fresh=True).values() if one.id != joining.id]
    return render_template(
        f"{_ADMINISTRATION}/merge_organisation.html",
        tab="administered_organisations",
        form=form,
        joining=joining,
        staying=staying_or_none,
        foreseen=foreseen,
        others=sorted(((one.id, one.label(language)) for one in others), key=lambda pair: pair[1].casefold()),
    )
