"""Identity: its use cases, and its ports over PostgreSQL or memory."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from dishka import AnyOf, Provider, Scope, provide, provide_all

from adapters.crypto.keys import KeyRing, RingNow
from adapters.mail.letters import jinja_letters
from adapters.memory.identity.api_keys import MemoryApiKeyDirectory
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.memory.identity.factors import MemoryChallengeOwners
from adapters.memory.identity.lockout import MemoryTallies
from adapters.memory.identity.settings import BeginMemorySettingsTx
from adapters.passwords.argon2id import DEFAULT_COST, Argon2Cost, argon2id
from adapters.passwords.breached import BreachedPasswords, breached_file
from adapters.passwords.common import CommonPasswords
from adapters.passwords.lists import AllLists
from adapters.postgres.identity.api_keys import PostgresApiKeyDirectory
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.directory import PostgresDirectory, PostgresSessionCheck
from adapters.postgres.identity.factors_challenges import PostgresChallengeOwners
from adapters.postgres.identity.lockout import PostgresTallies
from adapters.postgres.identity.settings import BeginPostgresSettingsTx
from adapters.qr.segno_svg import SegnoQrCodes
from adapters.tokens.jwt import JwtAccessTokens, jwt_access_tokens
from adapters.tokens.key_uses import LaterKeyUses
from adapters.tokens.successors import HmacSuccessors
from application.identity.api_keys.create_api_key import CreateApiKey
from application.identity.api_keys.list_api_keys import ListApiKeys
from application.identity.api_keys.note_key_use import NoteKeyUse
from application.identity.api_keys.ports import ApiKeyDirectory, KeyUses
from application.identity.api_keys.revoke_api_key import RevokeApiKey
from application.identity.api_keys.use_api_key import UseApiKey
from application.identity.mail.mails import Letters
from application.identity.mail.send_consent_notice import SendConsentNotice
from application.identity.mail.send_mail_confirmation import SendConfirmation
from application.identity.mail.send_mail_notice import SendNotice
from application.identity.passwords.change_password import ChangePassword
from application.identity.passwords.choosing import ChoosePassword, WeakPasswords
from application.identity.passwords.forgot_password import ForgotPassword
from application.identity.passwords.new_password import NewPassword
from application.identity.passwords.reset_password import ResetPassword
from application.identity.passwords.set_password import SetPassword
from application.identity.ports import (
    AccessTokenIssuer,
    BeginIdentityTx,
    Directory,
    PasswordHasher,
    Successors,
)
from application.identity.profile.change_email import ChangeEmail
from application.identity.profile.confirm_email import ConfirmEmail
from application.identity.profile.settings_ports import BeginSettingsTx
from application.identity.profile.view_profile import ViewProfile
from application.identity.registering.confirm_registration import ConfirmRegistration
from application.identity.registering.register_person import RegisterPerson
from application.identity.second_factor.confirm_totp import ConfirmTotp
from application.identity.second_factor.disable_totp import DisableTotp
from application.identity.second_factor.ports import ChallengeOwners, QrCodes
from application.identity.second_factor.recovery_codes import MakeRecoveryCodes
from application.identity.second_factor.set_up_totp import SetUpTotp
from application.identity.second_factor.view_factors import ViewFactors
from application.identity.sessions.end_session import EndSession
from application.identity.sessions.end_sessions import EndSessions
from application.identity.sessions.list_sessions import ListSessions
from application.identity.signing_in.challenges import SignInChallenges
from application.identity.signing_in.devices import RememberDevice
from application.identity.signing_in.finish_sign_in import FinishWithRecoveryCode, FinishWithTotp
from application.identity.signing_in.guard import Guard, Tallies
from application.identity.signing_in.log_in import LogIn
from application.identity.signing_in.log_out import LogOut
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.refresh_session import RefreshSession
from application.identity.signing_in.step_up import SteppingUp, StepUp
from application.shared.caller import AccessTokens, ApiKeyCheck, SessionCheck
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.lockout import DEFAULT_RULES, LockoutRules

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("daler")


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
    lockout: LockoutRules = DEFAULT_RULES
    password_threads: int = 2
    sign_ins_waiting_max: int = 200
    breached_passwords: Path | None = None
    """A file of hashes of stolen passwords, which nobody may choose."""


class IdentityHandlers(Provider):
    """Needs the ports below, and Clock, NewIds and Chance."""

    scope = Scope.APP

    handlers = provide_all(
        SessionOpening, RegisterPerson, LogIn, RefreshSession, LogOut, ViewProfile
    )
    factors = provide_all(
        SignInChallenges,
        FinishWithTotp,
        FinishWithRecoveryCode,
        SteppingUp,
        StepUp,
        SetUpTotp,
        ConfirmTotp,
        DisableTotp,
        MakeRecoveryCodes,
        ViewFactors,
    )
    qr_codes = provide(SegnoQrCodes, provides=QrCodes)
    guarded = provide_all(Guard, ChoosePassword, RememberDevice)
    sessions = provide_all(ListSessions, EndSession, EndSessions)
    api_keys = provide_all(CreateApiKey, ListApiKeys, RevokeApiKey, NoteKeyUse)
    key_check = provide(UseApiKey, provides=ApiKeyCheck)
    by_mail = provide_all(ConfirmRegistration, SendConfirmation, SendNotice, SendConsentNotice)
    passwords = provide_all(NewPassword, ForgotPassword, ResetPassword, ChangePassword, SetPassword)
    addresses = provide_all(ChangeEmail, ConfirmEmail)

    @provide
    async def key_uses(
        self, note: NoteKeyUse, clock: Clock
    ) -> AsyncIterator[AnyOf[LaterKeyUses, KeyUses]]:
        uses = LaterKeyUses(note, _use_lost, clock)
        yield uses
        await uses.settled()


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
    def weak(self, settings: IdentitySettings) -> Iterator[WeakPasswords]:
        if settings.breached_passwords is None:
            yield CommonPasswords()
            return
        with breached_file(settings.breached_passwords) as file:
            yield AllLists((CommonPasswords(), BreachedPasswords(file)))

    @provide
    def lockout(self, settings: IdentitySettings) -> LockoutRules:
        return settings.lockout

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
    key_directory = provide(PostgresApiKeyDirectory, provides=ApiKeyDirectory)
    sessions = provide(PostgresSessionCheck, provides=SessionCheck)
    tallies = provide(PostgresTallies, provides=Tallies)
    challenges = provide(PostgresChallengeOwners, provides=ChallengeOwners)
    settings = provide(BeginPostgresSettingsTx, provides=BeginSettingsTx)


class MemoryIdentity(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    begin = provide(BeginMemoryIdentityTx, provides=BeginIdentityTx)
    directory = provide(MemoryDirectory, provides=Directory)
    key_directory = provide(MemoryApiKeyDirectory, provides=ApiKeyDirectory)
    sessions = provide(MemorySessionCheck, provides=SessionCheck)
    tallies = provide(MemoryTallies, provides=Tallies)
    challenges = provide(MemoryChallengeOwners, provides=ChallengeOwners)
    settings = provide(BeginMemorySettingsTx, provides=BeginSettingsTx)


def _use_lost(error: BaseException) -> None:
    log.warning("key_use_not_noted", error=type(error).__name__)
