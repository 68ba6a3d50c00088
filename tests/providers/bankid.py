"""BankID's adapter before an issuer of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from adapters.bankid.open import open_bankid
from adapters.bankid.provider import OpenIdBankId
from adapters.bankid.settings import BankIdSettings
from adapters.outbound.call import OutboundObserver
from application.identity.bankid.ports import BankIdReturn, Leaving
from domain.identity.bankid import BankIdClaims
from domain.identity.bankid_attempt import challenge_of, digest, verifier_of
from domain.shared.secret import Secret
from tests.providers.server import Server
from tests.providers.support import Remembering
from tests.support.bankid_issuer import (
    REALM,
    Issuer,
    an_issuer,
)
from tests.support.clock import CountedChance, FixedClock

BROWSER = Secret("the-browsers-own")


@dataclass(slots=True)
class Stand:
    bankid: OpenIdBankId
    issuer: Issuer
    server: Server
    monotonic: "Ticking"
    visits: "count[int]" = field(default_factory=count)

    async def goes_through(self) -> BankIdClaims:
        number = next(self.visits)
        state, nonce = Secret(f"state-{number}"), Secret(f"nonce-{number}")
        verifier = verifier_of(BROWSER)
        address = await self.bankid.address(Leaving(state, nonce, challenge_of(verifier)))
        brought = self.issuer.visit(address.reveal())
        code = Secret(brought["code"])
        back = BankIdReturn(code, verifier=verifier, nonce=digest(nonce))
        return await self.bankid.claims(back)

    def asked(self, path: str) -> int:
        return self.server.paths().count(REALM + path)


@dataclass(slots=True)
class Ticking:
    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def a_stand(
    observer: OutboundObserver | None = None,
    **changes: Any,  # noqa: ANN401 - any setting
) -> AsyncIterator[Stand]:
    clock, monotonic = FixedClock(), Ticking()
    async with an_issuer(clock) as (issuer, server):
        settings: BankIdSettings = issuer.settings(**changes)
        chance = CountedChance(share_is=0.01)
        async with open_bankid(
            settings, clock, chance, observer or Remembering(), monotonic
        ) as bankid:
            yield Stand(bankid, issuer, server, monotonic)
