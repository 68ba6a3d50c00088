"""Identity: its use cases, and its ports over PostgreSQL or memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from dishka import AnyOf, Provider, Scope, provide, provide_all

from adapters.crypto.keys import KeyRing, RingNow
from adapters.mail.letters import jinja_letters
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.passwords.argon2id import DEFAULT_COST, Argon2Cost, argon2id
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.directory import PostgresDirectory, PostgresSessionCheck
from adapters.tokens.jwt import JwtAccessTokens, jwt_access_tokens
from adapters.tokens.successors import HmacSuccessors
from application.identity.confirm_registration import ConfirmRegistration
from application.identity.log_in import LogIn
from application.identity.log_out import LogOut
from application.identity.mails import Letters
from application.identity.opening import SessionOpening
from application.identity.ports import (
    AccessTokenIssuer,
    BeginIdentityTx,
    Directory,
    PasswordHasher,
    Successors,
)
from application.identity.refresh_session import RefreshSession
from application.identity.register_person import RegisterPerson
from application.identity.send_mail_confirmation import SendConfirmation
from application.identity.send_mail_notice import SendNotice
from application.identity.view_profile import ViewProfile
from application.shared.caller import AccessTokens, SessionCheck
from application.shared.chance import NewIds
from application.shared.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySettings:
    access_keys: KeyRing | RingNow = field(repr=False)
    """Sign access tokens."""
    refresh_keys: KeyRing | RingNow = field(repr=False)
    """Derive the refresh token that follows another; may be the same ring."""
    public_url: str = "http://127.0.0.1:8000"
    """Where links in mails lead."""
    issuer: str = "daler"
    audience: str = "daler-api"
    password_cost: Argon2Cost = DEFAULT_COST
    password_threads: int = 2
    sign_ins_waiting_max: int = 200


class IdentityHandlers(Provider):
    """Needs the ports below, and Clock, NewIds and Chance."""

    scope = Scope.APP

    handlers = provide_all(
        SessionOpening, RegisterPerson, LogIn, RefreshSession, LogOut, ViewProfile
    )
    by_mail = provide_all(ConfirmRegistration, SendConfirmation, SendNotice)


class IdentitySecrets(Provider):
    """Passwords and tokens, the same in every world. Needs IdentitySettings."""

    scope = Scope.APP

    @provide
    def hasher(self, settings: IdentitySettings) -> Iterator[PasswordHasher]:
        with argon2id(
            settings.password_cost,
            threads=settings.password_threads,
            waiting_max=settings.sign_ins_waiting_max,
        ) as hasher:
            yield hasher

    @provide
    def letters(self, settings: IdentitySettings) -> Letters:
        return jinja_letters(settings.public_url)

    @provide
    def successors(self, settings: IdentitySettings) -> Successors:
        return HmacSuccessors(settings.refresh_keys)

    @provide
    def tokens(
        self, settings: IdentitySettings, clock: Clock, ids: NewIds
    ) -> AnyOf[JwtAccessTokens, AccessTokens, AccessTokenIssuer]:
        return jwt_access_tokens(
            settings.access_keys,
            clock,
            ids,
            issuer=settings.issuer,
            audience=settings.audience,
        )


class PostgresIdentity(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    begin = provide(BeginPostgresIdentityTx, provides=BeginIdentityTx)
    directory = provide(PostgresDirectory, provides=Directory)
    sessions = provide(PostgresSessionCheck, provides=SessionCheck)


class MemoryIdentity(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    begin = provide(BeginMemoryIdentityTx, provides=BeginIdentityTx)
    directory = provide(MemoryDirectory, provides=Directory)
    sessions = provide(MemorySessionCheck, provides=SessionCheck)
