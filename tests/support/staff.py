"""People with roles, and what they do to each other; over memory or over PostgreSQL."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.memory.identity.lockout import MemoryTallies
from adapters.memory.identity.people_directory import MemoryPeopleDirectory
from adapters.memory.identity.settings import BeginMemorySettingsTx
from adapters.memory.identity.staff import BeginMemoryStaffTx, MemoryStaffActions
from adapters.postgres.audit.actions import PostgresStaffActions
from adapters.postgres.audit.chains import PostgresAuditChains
from adapters.postgres.database import Database
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.directory import PostgresDirectory, PostgresSessionCheck
from adapters.postgres.identity.lockout import PostgresTallies
from adapters.postgres.identity.people_directory import PostgresPeopleDirectory
from adapters.postgres.identity.settings import BeginPostgresSettingsTx
from adapters.postgres.identity.staff import BeginPostgresStaffTx
from adapters.tokens.jwt import jwt_access_tokens
from application.audit.ports import AuditChains
from application.identity.ports import BeginIdentityTx, Directory
from application.identity.profile.settings_ports import BeginSettingsTx
from application.identity.signing_in.guard import Guard, Tallies
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.tokens import SignedIn
from application.identity.staff.ban_person import BanPerson, BanPersonCommand
from application.identity.staff.grant_role import GrantRole, GrantRoleCommand
from application.identity.staff.person_for_staff import PersonForStaff
from application.identity.staff.ports import BeginStaffTx, PeopleDirectory, StaffActions
from application.identity.staff.staff import CommandLine
from application.shared.caller import Claims, FreshStaff, SessionCheck, Standing
from application.shared.cipher import Cipher
from domain.audit.chain import AuditEntry
from domain.identity.email import EmailAddress
from domain.identity.lockout import DEFAULT_RULES
from domain.identity.person import Person, PersonName, PersonStatus
from domain.identity.reason import Reason
from domain.identity.roles import PERMISSIONS, Role
from domain.identity.session import Method, Origin
from domain.shared.ids import SessionId, UserId
from tests.support.clock import CountedChance, CountedIds, FixedClock

RING: Final = KeyRing([Key("k1", b"1" * 32)])
CIPHER: Final = aes_gcm_cipher(KeyRing([Key("k1", b"s" * 32)]), b"l" * 32)
PHONE: Final = Origin("Daler/1.0 (a phone)", "192.0.2.7")
TWO_FACTORS: Final = (Method.PASSWORD, Method.TOTP)


@dataclass(slots=True)
class StaffWorld:
    identity: BeginIdentityTx
    begin: BeginStaffTx
    settings: BeginSettingsTx
    directory: Directory
    people: PeopleDirectory
    actions: StaffActions
    chains: AuditChains
    check: SessionCheck
    tallies: Tallies
    clock: FixedClock
    ids: CountedIds
    cipher: Cipher = CIPHER
    chance: CountedChance = field(default_factory=CountedChance)

    @property
    def guard(self) -> Guard:
        return Guard(self.tallies, self.cipher, self.clock, DEFAULT_RULES)

    async def person(
        self,
        name: str = "anna",
        role: Role = Role.USER,
        status: PersonStatus = PersonStatus.ACTIVE,
        *,
        with_email: bool = True,
    ) -> UserId:
        """Somebody who is here; how they came does not matter to staff."""
        person = Person(
            id=UserId(self.ids.one()),
            name=PersonName(name.title()),
            email=EmailAddress.parse(f"{name}@example.no") if with_email else None,
            created_at=self.clock.now(),
            role=role,
            status=status,
        )
        async with self.identity(person.id) as tx:
            await tx.people.add(person)
            await tx.audit.record(person.id, "identity.registered", {})
            await tx.commit()
        return person.id

    async def staff(self, name: str = "olga", role: Role = Role.ADMIN) -> FreshStaff:
        return self.as_staff(await self.person(name, role), role)

    def as_staff(self, user_id: UserId, role: Role = Role.ADMIN) -> FreshStaff:
        return FreshStaff(user_id, SessionId(self.ids.one()), frozenset(PERMISSIONS[role]))

    async def signs_in(
        self, user_id: UserId, methods: Collection[Method] = TWO_FACTORS
    ) -> SignedIn:
        tokens = jwt_access_tokens(RING, self.clock, self.ids, issuer="d", audience="d")
        opening = SessionOpening(tokens, self.ids, self.chance)
        async with self.identity(user_id) as tx:
            signed_in = await opening(tx, user_id, PHONE, methods, self.clock.now())
            await tx.commit()
        return signed_in

    async def standing(self, signed_in: SignedIn) -> Standing:
        """What every request asks first. Raises SessionEndedError."""
        claims = Claims(signed_in.user_id, signed_in.session_id, signed_in.access.expires_at)
        return await self.check.standing(claims)

    async def get(self, user_id: UserId) -> Person:
        async with self.identity(user_id) as tx:
            return await tx.people.get(user_id)

    async def living(self, user_id: UserId) -> int:
        async with self.identity(user_id) as tx:
            return len(await tx.sessions.living(self.clock.now()))

    async def trail(self, user_id: UserId) -> list[AuditEntry]:
        return list((await self.chains.page(user_id, 0, 1_000)).entries)

    async def actions_in_trail(self, user_id: UserId) -> list[str]:
        return [entry.action for entry in await self.trail(user_id)]

    async def bans(self, by: FreshStaff | CommandLine, user_id: UserId) -> PersonForStaff:
        ban = BanPerson(self.begin, self.clock)
        return await ban(BanPersonCommand(by, user_id, Reason.SUSPECTED_FRAUD))

    async def grants(
        self, by: FreshStaff | CommandLine, user_id: UserId, role: Role
    ) -> PersonForStaff:
        return await GrantRole(self.begin)(GrantRoleCommand(by, user_id, role))


def memory_staff(database: MemoryDatabase, clock: FixedClock, ids: CountedIds) -> StaffWorld:
    return StaffWorld(
        identity=BeginMemoryIdentityTx(database),
        begin=BeginMemoryStaffTx(database),
        settings=BeginMemorySettingsTx(database),
        directory=MemoryDirectory(database),
        people=MemoryPeopleDirectory(database),
        actions=MemoryStaffActions(database),
        chains=MemoryAuditChains(database.tables.of(AUDIT_CHAINS)),
        check=MemorySessionCheck(database, clock),
        tallies=MemoryTallies(database),
        clock=clock,
        ids=ids,
    )


def postgres_staff(database: Database, clock: FixedClock, ids: CountedIds) -> StaffWorld:
    return StaffWorld(
        identity=BeginPostgresIdentityTx(database, CIPHER),
        begin=BeginPostgresStaffTx(database, CIPHER),
        settings=BeginPostgresSettingsTx(database, CIPHER),
        directory=PostgresDirectory(database, CIPHER),
        people=PostgresPeopleDirectory(database),
        actions=PostgresStaffActions(database),
        chains=PostgresAuditChains(database),
        check=PostgresSessionCheck(database, clock),
        tallies=PostgresTallies(database),
        clock=clock,
        ids=ids,
    )
