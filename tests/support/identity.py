"""Everything identity touches, held in the hand; over memory or over PostgreSQL."""

from dataclasses import dataclass, field

from adapters.crypto.keys import Key, KeyRing
from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.api_keys import MemoryApiKeyDirectory
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.memory.identity.factors import MemoryChallengeOwners
from adapters.memory.identity.lockout import MemoryTallies
from adapters.passwords.argon2id import Argon2idHasher
from adapters.tokens.jwt import JwtAccessTokens, jwt_access_tokens
from adapters.tokens.successors import HmacSuccessors
from application.identity.api_keys.ports import ApiKeyDirectory
from application.identity.ports import BeginIdentityTx, Directory, PasswordHasher, Successors
from application.identity.profile.profile import Profile
from application.identity.profile.view_profile import ViewProfile, ViewProfileQuery
from application.identity.second_factor.ports import ChallengeOwners
from application.identity.signing_in.challenges import SecondFactorAsked, SignInChallenges
from application.identity.signing_in.guard import Guard, Tallies
from application.identity.signing_in.log_in import LogIn, LogInCommand
from application.identity.signing_in.log_out import LogOut, LogOutCommand
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.refresh_session import RefreshSession, RefreshSessionCommand
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller, SessionCheck
from application.shared.cipher import Cipher
from domain.identity.lockout import DEFAULT_RULES
from domain.identity.session import Origin
from domain.shared.secret import Secret
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.joining import Joining

RING = KeyRing([Key("k2", b"2" * 32), Key("k1", b"1" * 32)])
PHONE = Origin("Daler/1.0 (Anna's phone)", "192.0.2.7")
EMAIL = "anna@example.no"
PASSWORD = Secret("four quiet words here")


@dataclass(slots=True)
class World:
    begin: BeginIdentityTx
    directory: Directory
    check: SessionCheck
    tallies: Tallies
    owners: ChallengeOwners
    key_directory: ApiKeyDirectory
    cipher: Cipher
    hasher: Argon2idHasher | PasswordHasher
    clock: FixedClock
    ids: CountedIds
    chance: CountedChance = field(default_factory=CountedChance)
    successors: Successors = field(default_factory=lambda: HmacSuccessors(RING))

    @property
    def tokens(self) -> JwtAccessTokens:
        return jwt_access_tokens(RING, self.clock, self.ids, issuer="daler", audience="daler-api")

    @property
    def guard(self) -> Guard:
        return Guard(self.tallies, self.cipher, self.clock, DEFAULT_RULES)

    @property
    def opening(self) -> SessionOpening:
        return SessionOpening(self.tokens, self.ids, self.chance)

    @property
    def challenges(self) -> SignInChallenges:
        return SignInChallenges(
            owners=self.owners,
            begin=self.begin,
            guard=self.guard,
            opening=self.opening,
            ids=self.ids,
            chance=self.chance,
            clock=self.clock,
        )

    async def registers(
        self, email: str = EMAIL, password: Secret = PASSWORD, name: str = "Anna Berg"
    ) -> Profile:
        """And reads the mail, and confirms."""
        return await Joining(self.begin, self.hasher, self.ids, self.clock)(name, email, password)

    async def tries(
        self, email: str = EMAIL, password: Secret = PASSWORD, origin: Origin = PHONE
    ) -> SignedIn | SecondFactorAsked:
        log_in = LogIn(
            directory=self.directory,
            begin=self.begin,
            guard=self.guard,
            hasher=self.hasher,
            opening=self.opening,
            challenges=self.challenges,
            ids=self.ids,
            clock=self.clock,
        )
        return await log_in(LogInCommand(email, password, origin))

    async def logs_in(
        self, email: str = EMAIL, password: Secret = PASSWORD, origin: Origin = PHONE
    ) -> SignedIn:
        """Of somebody without a second factor."""
        opened = await self.tries(email, password, origin)
        assert isinstance(opened, SignedIn)
        return opened

    async def refreshes(self, token: Secret) -> SignedIn:
        refresh = RefreshSession(
            self.directory, self.begin, self.tokens, self.successors, self.clock
        )
        return await refresh(RefreshSessionCommand(token))

    async def logs_out(self, caller: Caller) -> None:
        await LogOut(self.begin, self.clock)(LogOutCommand(caller))

    async def asks(self, signed_in: SignedIn) -> Caller:
        """What every request does first."""
        claims = self.tokens.verify(signed_in.access.token)
        return (await self.check.standing(claims)).caller

    async def sees_themselves(self, caller: Caller) -> Profile:
        return await ViewProfile(self.begin)(ViewProfileQuery(caller))


def memory_identity(
    database: MemoryDatabase, hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds
) -> World:
    return World(
        begin=BeginMemoryIdentityTx(database),
        directory=MemoryDirectory(database),
        check=MemorySessionCheck(database, clock),
        tallies=MemoryTallies(database),
        owners=MemoryChallengeOwners(database),
        key_directory=MemoryApiKeyDirectory(database),
        cipher=GlassCipher(),
        hasher=hasher,
        clock=clock,
        ids=ids,
    )
