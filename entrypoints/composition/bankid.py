"""BankID: its use cases, its ports over PostgreSQL or memory, and the way to it."""

from collections.abc import AsyncIterator

from dishka import Provider, Scope, provide, provide_all

from adapters.bankid.open import open_bankid
from adapters.bankid.unset import UnsetBankId
from adapters.memory.identity.bankid import BeginMemoryBankIdAttemptsTx, MemoryBankIdDirectory
from adapters.outbound.call import OutboundObserver
from adapters.postgres.identity.bankid import PostgresBankIdDirectory
from adapters.postgres.identity.bankid_attempts import BeginPostgresBankIdAttemptsTx
from application.identity.bankid.come_back import ReturnFromBankId
from application.identity.bankid.link import BankIdLinking
from application.identity.bankid.ports import (
    BankIdDirectory,
    BankIdProvider,
    BankIdRules,
    BeginBankIdAttemptsTx,
)
from application.identity.bankid.set_out import BankIdLeaving, BeginBankId, BeginBankIdLink
from application.identity.bankid.sign_in import BankIdSigningIn
from application.identity.bankid.status import ViewBankId
from application.identity.bankid.unlink import UnlinkBankId
from application.shared.chance import Chance
from application.shared.clock import Clock
from application.shared.limits import RateLimiter
from entrypoints.composition.settings_bankid import BankIdSetup


class BankIdHandlers(Provider):
    """Needs the ports below, BankIdProvider, BankIdRules, and what the rest of identity gives."""

    scope = Scope.APP

    parts = provide_all(BankIdLeaving, BankIdSigningIn, BankIdLinking)
    people_ask_for = provide_all(
        BeginBankId, BeginBankIdLink, ReturnFromBankId, ViewBankId, UnlinkBankId
    )


class BankIdComposition(Provider):
    """Needs BankIdSetup, Clock, Chance and OutboundObserver; its connections close with the app."""

    scope = Scope.APP

    @provide
    def rules(self, setup: BankIdSetup) -> BankIdRules:
        return setup.rules

    @provide
    async def provider(
        self,
        setup: BankIdSetup,
        clock: Clock,
        chance: Chance,
        observer: OutboundObserver,
        limiter: RateLimiter,
    ) -> AsyncIterator[BankIdProvider]:
        if setup.issuer is None:
            yield UnsetBankId()
            return
        async with open_bankid(setup.issuer, clock, chance, observer, limiter=limiter) as provider:
            yield provider


class PostgresBankIdParts(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    directory = provide(PostgresBankIdDirectory, provides=BankIdDirectory)
    begin = provide(BeginPostgresBankIdAttemptsTx, provides=BeginBankIdAttemptsTx)


class MemoryBankIdParts(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    directory = provide(MemoryBankIdDirectory, provides=BankIdDirectory)
    begin = provide(BeginMemoryBankIdAttemptsTx, provides=BeginBankIdAttemptsTx)
