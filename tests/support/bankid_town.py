"""Signing in with BankID, held in the hand; over memory or PostgreSQL."""

from dataclasses import dataclass, field, replace
from datetime import date

from adapters.memory.bankid import MemoryBankId
from application.identity.bankid.come_back import (
    BankIdReturnCommand,
    BankIdSignedIn,
    ReturnFromBankId,
)
from application.identity.bankid.link import BankIdLinking
from application.identity.bankid.ports import (
    BankIdDirectory,
    BankIdRules,
    BeginBankIdAttemptsTx,
)
from application.identity.bankid.set_out import (
    BankIdLeaving,
    BeginBankId,
    BeginBankIdCommand,
    BeginBankIdLink,
    BeginBankIdLinkCommand,
    SentToBankId,
)
from application.identity.bankid.sign_in import BankIdSigningIn
from application.identity.bankid.status import BankIdStatus
from application.identity.bankid.unlink import UnlinkBankId, UnlinkBankIdCommand
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import FreshCaller
from domain.identity.bankid import Assurance, BankIdClaims
from domain.shared.secret import Secret
from tests.support.identity import PHONE, World

ANNA = BankIdClaims(
    issuer="https://bank.example.org",
    subject="subject-of-anna",
    stable="9578-6000-4-1234567",
    number="01010150740",
    birth_date=date(2001, 1, 1),
    name="Anna Verified Berg",
    assurance=Assurance.HIGH,
    method="BID",
)


BERIT = replace(
    ANNA,
    subject="subject-of-berit",
    stable="9578-6000-4-7654321",
    number="20036914700",
    birth_date=date(1969, 3, 20),
    name="Berit Dahl",
)


@dataclass(frozen=True, slots=True)
class Town:
    world: World
    directory: BankIdDirectory
    begin_attempts: BeginBankIdAttemptsTx
    bankid: MemoryBankId
    rules: BankIdRules = field(default_factory=BankIdRules)

    @property
    def leaving(self) -> BankIdLeaving:
        world = self.world
        return BankIdLeaving(self.begin_attempts, self.bankid, world.chance, world.clock)

    @property
    def signing_in(self) -> BankIdSigningIn:
        world = self.world
        return BankIdSigningIn(self.directory, world.begin, world.opening, world.ids, world.clock)

    @property
    def returning(self) -> ReturnFromBankId:
        world = self.world
        return ReturnFromBankId(
            begin_attempts=self.begin_attempts,
            begin=world.begin,
            provider=self.bankid,
            sign_in=self.signing_in,
            link=BankIdLinking(self.directory, world.begin, world.ids, world.clock),
            rules=self.rules,
            clock=world.clock,
        )

    async def leaves(self) -> SentToBankId:
        return await BeginBankId(self.leaving)(BeginBankIdCommand())

    async def comes_back(
        self, sent: SentToBankId, state: Secret | None = None, error: str | None = None
    ) -> BankIdSignedIn | BankIdStatus:
        command = BankIdReturnCommand(
            state=state or self.bankid.left[-1].state,
            browser=sent.browser,
            code=Secret("a code"),
            error=error,
            issuer=None,
            origin=PHONE,
        )
        return await self.returning(command)

    async def signs_in(self, who: BankIdClaims = ANNA) -> SignedIn:
        self.bankid.who = who
        done = await self.comes_back(await self.leaves())
        assert isinstance(done, BankIdSignedIn)
        return done.signed_in

    async def links(self, caller: FreshCaller, who: BankIdClaims = ANNA) -> BankIdStatus:
        self.bankid.who = who
        sent = await BeginBankIdLink(self.leaving)(BeginBankIdLinkCommand(caller))
        done = await self.comes_back(sent)
        assert isinstance(done, BankIdStatus)
        return done

    async def unlinks(self, caller: FreshCaller) -> None:
        unlink = UnlinkBankId(self.world.begin, self.rules, self.world.clock)
        await unlink(UnlinkBankIdCommand(caller))


def fresh(signed_in: SignedIn) -> FreshCaller:
    return FreshCaller(signed_in.user_id, signed_in.session_id)


async def bo(town: Town) -> FreshCaller:
    """Somebody with e-mail address and password."""
    await town.world.registers("bo@example.no", name="Bo Lie")
    return fresh(await town.world.logs_in("bo@example.no"))
