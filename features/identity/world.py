"""The in-memory world of identity, wired by punq from constructor annotations alone."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import punq

from adapters.crypto.keys import Key, KeyRing
from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.passwords.argon2id import Argon2idHasher
from adapters.tokens.jwt import jwt_access_tokens
from adapters.tokens.successors import HmacSuccessors
from application.audit.ports import AuditChains
from application.audit.verify_trail import VerifyTrail
from application.identity.log_in import LogIn
from application.identity.log_out import LogOut
from application.identity.ports import (
    AccessTokenIssuer,
    BeginIdentityTx,
    Directory,
    PasswordHasher,
    Successors,
)
from application.identity.refresh_session import RefreshSession
from application.identity.register_person import RegisterPerson
from application.identity.tokens import SignedIn
from application.identity.view_profile import ViewProfile
from application.shared.caller import AccessTokens, Caller, SessionCheck
from application.shared.chance import Chance, NewIds
from application.shared.clock import Clock
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.support.clock import CountedChance, CountedIds, FixedClock

T = TypeVar("T")
RING = KeyRing([Key("k1", b"1" * 32)])


@dataclass(slots=True)
class World:
    container: punq.Container
    runner: asyncio.Runner
    clock: FixedClock

    def the(self, wanted: Callable[..., T]) -> T:
        found: T = self.container.resolve(wanted)
        return found

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def asks(self, access: Secret) -> Caller:
        """What every request does first."""
        claims = self.the(AccessTokens).verify(access)
        return self.do(self.the(SessionCheck).ensure_alive(claims))


@dataclass(slots=True)
class Story:
    """What has happened so far."""

    refreshed_with: Secret | None = None
    replies: list[SignedIn] = field(default_factory=list)
    error: DalerError | None = None

    @property
    def now(self) -> SignedIn:
        assert self.error is None, f"refused with {self.error}"
        return self.replies[-1]


def a_world(runner: asyncio.Runner, hasher: Argon2idHasher) -> World:
    clock, ids = FixedClock(), CountedIds()
    database = MemoryDatabase(clock, ids)
    tokens = jwt_access_tokens(RING, clock, ids, issuer="daler", audience="daler-api")
    container = punq.Container()
    container.register(Clock, instance=clock)
    container.register(NewIds, instance=ids)
    container.register(Chance, instance=CountedChance())
    container.register(MemoryDatabase, instance=database)
    container.register(PasswordHasher, instance=hasher)
    container.register(Successors, instance=HmacSuccessors(RING))
    container.register(AccessTokens, instance=tokens)
    container.register(AccessTokenIssuer, instance=tokens)
    container.register(AuditChains, instance=MemoryAuditChains(database.tables.of(AUDIT_CHAINS)))
    container.register(BeginIdentityTx, BeginMemoryIdentityTx)
    container.register(Directory, MemoryDirectory)
    container.register(SessionCheck, MemorySessionCheck)
    for handler in (RegisterPerson, LogIn, RefreshSession, LogOut, ViewProfile, VerifyTrail):
        container.register(handler)
    return World(container, runner, clock)
