from dataclasses import dataclass
from datetime import datetime

from application.identity.bankid.ports import BankIdDirectory
from application.identity.bankid.sign_in import keep_news, tell_verified
from application.identity.bankid.status import BankIdStatus
from application.identity.jobs import SendNoticeJob
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import Caller
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.bankid import BankIdLink, BankIdLinkId, Verified
from domain.identity.bankid_attempt import Linking
from domain.identity.confirmation import Letter
from domain.identity.errors_bankid import AnotherBankIdLinkedError, BankIdTakenError
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class BankIdLinking:
    """Lets a BankID open the account of the person who asked for it."""

    directory: BankIdDirectory
    begin: BeginIdentityTx
    ids: NewIds
    clock: Clock

    async def __call__(self, asked: Linking, seen: Verified) -> BankIdStatus:
        """The same BankID once more is fine.

        Raises:
            BankIdTakenError: it opens somebody else's account.
            AnotherBankIdLinkedError: theirs opens with another BankID.
            StepUpRequiredError: their session has not shown the second factor that they have.
            SessionEndedError, AccountNotActiveError: whoever asked is not signed in any more.
        """
        now = self.clock.now()
        owner = await self.directory.owner_of(seen.keys)
        async with self.begin(asked.user_id) as tx:
            (await tx.people.hold(asked.user_id)).ensure_active()
            asking = Caller(asked.user_id, asked.session_id)
            await ensure_proved_as_asked(tx, asking, await factors_of(tx), now)
            link = await self._linked(tx, asked.user_id, seen, owner, now)
            await tx.commit()
        return BankIdStatus.of(link)

    async def _linked(
        self, tx: IdentityTx, user_id: UserId, seen: Verified, owner: UserId | None, now: datetime
    ) -> BankIdLink:
        if owner not in {None, user_id}:
            raise BankIdTakenError
        present = await tx.bankids.present()
        if present is not None and owner is None:
            raise AnotherBankIdLinkedError
        if present is not None:
            return await keep_news(tx, present, seen, now)
        link = BankIdLink.make(BankIdLinkId(self.ids.one()), user_id, seen, now)
        if await tx.bankids.claim(seen.keys):
            raise BankIdTakenError
        await tx.bankids.put(link)
        await tx.audit.record(user_id, "identity.bankid_linked", {"link": str(link.id)})
        await tell_verified(tx, link)
        await tx.jobs.enqueue(SendNoticeJob(user_id=user_id, letter=Letter.BANKID_LINKED))
        return link
