from dataclasses import dataclass
from datetime import datetime
from typing import Final

from application.identity.bankid.ports import BankIdDirectory
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.tokens import SignedIn
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.bankid import NAMELESS, Assurance, BankIdLink, BankIdLinkId, Verified
from domain.identity.errors import AccountNotActiveError
from domain.identity.errors_bankid import BankIdUnavailableError
from domain.identity.person import Person
from domain.identity.session import Method, Origin
from domain.shared.events import IdentityVerified, PersonRegistered
from domain.shared.ids import UserId

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class BankIdSigningIn:
    """Opens a session for whom BankID has named; the first time, they become a person here."""

    directory: BankIdDirectory
    begin: BeginIdentityTx
    opening: SessionOpening
    ids: NewIds
    clock: Clock

    async def __call__(self, seen: Verified, origin: Origin) -> SignedIn:
        """Raises AccountNotActiveError."""
        for _ in range(_TRIES):
            user_id = await self.directory.owner_of(seen.keys)
            if user_id is None:
                signed_in = await self._register(seen, origin)
            else:
                signed_in = await self._open(user_id, seen, origin)
            if signed_in is not None:
                return signed_in
        raise BankIdUnavailableError("the same person came several times at once")

    async def _register(self, seen: Verified, origin: Origin) -> SignedIn | None:
        """None: the same person got in at this very moment by another request."""
        now, user_id = self.clock.now(), UserId(self.ids.one())
        # What BankID calls them; no e-mail address, unless they give one later.
        person = Person(id=user_id, name=seen.name or NAMELESS, email=None, created_at=now)
        link = BankIdLink.make(BankIdLinkId(self.ids.one()), user_id, seen, now)
        async with self.begin(user_id) as tx:
            if await tx.bankids.claim(seen.keys):
                return None
            await tx.people.add(person)
            await tx.bankids.put(link)
            await tx.outbox.append(PersonRegistered(user_id))
            await tx.audit.record(user_id, "identity.registered", {"with": Method.BANKID})
            await tell_verified(tx, link)
            signed_in = await self.opening(tx, user_id, origin, [Method.BANKID], now)
            await tx.commit()
        return signed_in

    async def _open(self, user_id: UserId, seen: Verified, origin: Origin) -> SignedIn | None:
        """None: the BankID was unlinked at this very moment."""
        now = self.clock.now()
        try:
            async with self.begin(user_id) as tx:
                signed_in = await self.opening(tx, user_id, origin, [Method.BANKID], now)
                link = await tx.bankids.present()
                if link is None:
                    return None
                await keep_news(tx, link, seen, now)
                await tx.commit()
        except AccountNotActiveError as refusal:
            await self._note_refusal(user_id, refusal.code)
            raise
        return signed_in

    async def _note_refusal(self, user_id: UserId, why: str) -> None:
        """In a transaction of its own: the refusal must not take its trace with it."""
        async with self.begin(user_id) as tx:
            facts = {"why": why, "with": str(Method.BANKID)}
            await tx.audit.record(user_id, "identity.log_in_refused", facts)
            await tx.commit()


async def keep_news(tx: IdentityTx, link: BankIdLink, seen: Verified, now: datetime) -> BankIdLink:
    """The link with what BankID tells anew of its person."""
    # A new national number, or the first one: from now on it leads here, too. A key that leads to
    # somebody else stays theirs, since the surest one has decided who this is.
    await tx.bankids.claim(seen.keys)
    newer = link.seen(seen, now)
    if newer != link:
        await tx.bankids.put(newer)
        await tell_verified(tx, newer)
    return newer


async def tell_verified(tx: IdentityTx, link: BankIdLink) -> None:
    """The fact that checks of identity build on, and its trace."""
    await tx.outbox.append(
        IdentityVerified(link.user_id, link.id, high=link.assurance is Assurance.HIGH)
    )
    facts = {"link": str(link.id), "level": str(link.assurance), "with": str(Method.BANKID)}
    await tx.audit.record(link.user_id, "identity.verified", facts)
