"""Who may read a new version to begin with: those who may read the former one, where its contributor may say so.

It is only where the form of the draft begins: the contributor sees it there, and can choose otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from holdings.access import PARTNERS, PUBLIC, Access, Viewer, may_read, organisation_label

_FOR_MANY = frozenset({PUBLIC, PARTNERS})


def first_labels(space: str, former: Access | None, viewer: Viewer, now: datetime) -> frozenset[str]:
    """Return the access labels with which a draft in a space begins that is to take the place of what has
    the access `former`. Pure.

    It is the space alone where nothing is replaced, where `viewer`, its contributor, may not read the former version,
    and where its labels would let others read the new one than those who read the former: those of an embargo, and of
    organisations that another keeper named.
    """
    own = organisation_label(space)
    alone = frozenset({own})
    if former is None or not former.labels or not may_read(former, viewer, now):
        return alone
    is_open = former.embargo_until is None or former.embargo_until <= now
    is_ours_to_say = former.keeper == own or former.labels <= _FOR_MANY
    return former.labels if is_open and is_ours_to_say else alone


def begun_anew(access: Access, former: Access, viewer: Viewer, now: datetime) -> Access:
    """Return the access of a draft that was said to be the new version of what has the access `former`. Pure.

    Where somebody has chosen already who may read the draft, it stays so.
    """
    if access.keeper is None or access.embargo_until is not None or access.labels != {access.keeper}:
        return access
    return replace(access, labels=first_labels(access.keeper.removeprefix("org:"), former, viewer, now))
