"""Who may come in with a provider: people who have an account, or an open invitation, under their verified address."""

from __future__ import annotations

from desk.accounts import admit
from desk.identity_provider import Identity
from desk.signing_in import Begun, Browser, begin
from holdings import accounts, audit, identities, invitations
from holdings.accounts import Account, AccountStatus
from holdings.database import Session
from holdings.errors import ProviderRefusedError
from indexer.hub import Hub


def sign_in(hub: Hub, identity: Identity, browser: Browser) -> Begun:
    """Begin a session of the person that a provider names, and link the two where they were not yet.

    Raises ProviderRefusedError where the person was neither invited nor has an account that may sign in.
    """
    with hub.catalogue.write() as session:
        account = identities.find(session, identity.issuer, identity.subject)
        if account is None:
            account = _invited(session, identity)
            identities.link(session, account.id, identity.issuer, identity.subject)
            audit.append(session, account, "account.link-identity", "account", account.id, issuer=identity.issuer)
        if account.status is not AccountStatus.ACTIVE:
            raise ProviderRefusedError("The account may not sign in")
        return begin(
            session, account, browser, means="provider", second_factor_given=takes_second_factor(hub, identity)
        )


def takes_second_factor(hub: Hub, identity: Identity) -> bool:
    """Say whether the provider asked for several factors, and the hub trusts it in that."""
    return hub.settings.app.oidc.trust_second_factor and identity.has_several_factors


def _invited(session: Session, identity: Identity) -> Account:
    if not identity.email:
        raise ProviderRefusedError("The provider has not verified the person's address")
    account = accounts.find(session, identity.email)
    if account is not None:
        if identity.issuer in identities.issuers(session, account.id):
            # An address that the provider has given to somebody else since opens nobody's account.
            raise ProviderRefusedError("The account is linked with another person of the provider")
        return account
    invitation = next(iter(invitations.open_to(session, identity.email)), None)
    if invitation is None:
        raise ProviderRefusedError("Nobody was invited under the address that the provider names")
    return admit(session, invitation, identity.name or identity.email)
