"""People found by BankID, the same over memory and PostgreSQL; and races, on PostgreSQL."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.bankid import MemoryBankId
from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.bankid import BeginMemoryBankIdAttemptsTx, MemoryBankIdDirectory
from adapters.passwords.argon2id import Argon2idHasher
from adapters.postgres.database import Database
from adapters.postgres.identity.bankid import PostgresBankIdDirectory
from adapters.postgres.identity.bankid_attempts import BeginPostgresBankIdAttemptsTx
from application.identity.bankid_begin import (
    BankIdLeaving,
    BeginBankId,
    BeginBankIdCommand,
    BeginBankIdLink,
    BeginBankIdLinkCommand,
    SentToBankId,
)
from application.identity.bankid_link import BankIdLinking
from application.identity.bankid_ports import (
    BankIdDirectory,
    BankIdRules,
    BeginBankIdAttemptsTx,
    Leaving,
)
from application.identity.bankid_return import (
    BankIdReturnCommand,
    BankIdSignedIn,
    ReturnFromBankId,
)
from application.identity.bankid_sign_in import BankIdSigningIn
from application.identity.bankid_status import BankIdStatus
from application.identity.bankid_unlink import UnlinkBankId, UnlinkBankIdCommand
from application.identity.tokens import SignedIn
from application.shared.caller import FreshCaller
from domain.identity.bankid import Assurance, BankIdClaims
from domain.identity.bankid_attempt import BankIdAttempt, digest
from domain.identity.errors import AccountNotActiveError, StepUpRequiredError
from domain.identity.errors_bankid import (
    BankIdCancelledError,
    BankIdNotLinkedError,
    BankIdStateInvalidError,
    BankIdStateUsedError,
    BankIdTakenError,
    LastWayInError,
)
from domain.identity.session import Ended, Method
from domain.identity.totp import Totp, TotpId
from domain.shared.secret import Secret
from tests.support.clock import CountedIds, FixedClock
from tests.support.identity import PHONE, World, memory_identity
from tests.support.postgres import CleanDatabase, connect

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


@pytest.fixture
def memory_town(hasher: Argon2idHasher, clock: FixedClock, ids: CountedIds) -> Town:
    database = MemoryDatabase(clock, ids)
    world = memory_identity(database, hasher, clock, ids)
    directory = MemoryBankIdDirectory(database)
    return Town(world, directory, BeginMemoryBankIdAttemptsTx(database), MemoryBankId(ANNA))


@pytest.fixture
def postgres_town(postgres: World, database: Database) -> Town:
    cipher = aes_gcm_cipher(KeyRing([Key("k1", b"s" * 32)]), b"l" * 32)
    directory = PostgresBankIdDirectory(database, cipher)
    return Town(postgres, directory, BeginPostgresBankIdAttemptsTx(database), MemoryBankId(ANNA))


@pytest.fixture(params=["memory_town", pytest.param("postgres_town", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest) -> Town:
    chosen: Town = request.getfixturevalue(request.param)
    return chosen


def fresh(signed_in: SignedIn) -> FreshCaller:
    return FreshCaller(signed_in.user_id, signed_in.session_id)


async def bo(town: Town) -> FreshCaller:
    """Somebody with e-mail address and password."""
    await town.world.registers("bo@example.no", name="Bo Lie")
    return fresh(await town.world.logs_in("bo@example.no"))


async def test_the_first_sign_in_makes_a_person_with_everything_that_bankid_told(
    town: Town,
) -> None:
    came = await town.signs_in()

    async with town.world.begin(came.user_id) as tx:
        person, link = await tx.people.get(came.user_id), await tx.bankids.present()
        session = await tx.sessions.get(came.session_id)
    assert (person.name.text, person.email) == ("Anna Verified Berg", None)
    assert session.methods == {Method.BANKID}
    assert link is not None
    assert link.number is not None
    assert (link.number.text, link.born_on) == ("01010150740", date(2001, 1, 1))
    assert link.name == person.name
    assert (link.assurance, link.method, link.issuer) == (Assurance.HIGH, "BID", ANNA.issuer)
    assert link.verified_at == link.linked_at == town.world.clock.now()


@pytest.mark.parametrize(
    "later",
    [
        ANNA,
        replace(ANNA, number=None),
        replace(ANNA, number=None, stable=None),
        replace(ANNA, subject="of another client", stable=None),
        replace(ANNA, issuer="https://another.example.org"),
        replace(ANNA, number="30108299939", birth_date=date(1982, 10, 30)),
    ],
)
async def test_whoever_comes_again_is_found(town: Town, later: BankIdClaims) -> None:
    first = await town.signs_in()

    assert (await town.signs_in(later)).user_id == first.user_id


async def test_a_number_that_comes_later_leads_to_the_same_person(town: Town) -> None:
    first = await town.signs_in(replace(ANNA, number=None, birth_date=date(2001, 1, 1)))
    town.world.clock.forward(days=1)
    await town.signs_in(ANNA)
    elsewhere = replace(ANNA, issuer="https://another.example.org", stable=None, subject="x")

    assert (await town.signs_in(elsewhere)).user_id == first.user_id
    async with town.world.begin(first.user_id) as tx:
        link = await tx.bankids.present()
    assert link is not None
    assert link.number is not None
    assert link.verified_at > link.linked_at


async def test_the_number_decides_when_names_lead_to_two_people(town: Town) -> None:
    anna = await town.signs_in(ANNA)
    nameless = BankIdClaims(
        issuer="https://broker.example.org",
        subject="nobody knows",
        birth_date=date(2001, 1, 1),
        assurance=Assurance.HIGH,
        method="BID",
    )
    other = await town.signs_in(nameless)
    assert other.user_id != anna.user_id

    assert (await town.signs_in(replace(nameless, number=ANNA.number))).user_id == anna.user_id
    assert (await town.signs_in(nameless)).user_id == other.user_id, "and takes nobody's name away"


async def test_a_banned_person_does_not_get_in_with_bankid_either(town: Town) -> None:
    came = await town.signs_in()
    async with town.world.begin(came.user_id) as tx:
        await tx.people.save((await tx.people.hold(came.user_id)).banned())
        await tx.sessions.end_all(Ended.BANNED, town.world.clock.now())
        await tx.commit()

    with pytest.raises(AccountNotActiveError):
        await town.signs_in()


async def test_a_person_links_their_bankid_and_links_it_again(town: Town) -> None:
    caller = await bo(town)

    first = await town.links(caller)
    again = await town.links(caller)

    assert first.linked
    assert again == first
    assert (await town.signs_in()).user_id == caller.user_id


async def test_somebody_elses_bankid_stays_theirs(town: Town) -> None:
    anna = await town.signs_in()
    caller = await bo(town)

    with pytest.raises(BankIdTakenError):
        await town.links(caller)

    assert (await town.signs_in()).user_id == anna.user_id
    async with town.world.begin(caller.user_id) as tx:
        assert await tx.bankids.present() is None


async def test_unlinking_forgets_the_person_and_frees_the_bankid(town: Town) -> None:
    caller = await bo(town)
    await town.links(caller)
    await town.unlinks(caller)

    with pytest.raises(BankIdNotLinkedError):
        await town.unlinks(caller)
    assert (await town.signs_in()).user_id != caller.user_id
    linked = await town.links(caller, BERIT)
    assert linked.linked


async def test_unlinking_signs_other_devices_out(town: Town) -> None:
    caller = await bo(town)
    await town.links(caller)
    other = await town.signs_in()
    await town.unlinks(caller)

    async with town.world.begin(caller.user_id) as tx:
        living = [session.id for session in await tx.sessions.living(town.world.clock.now())]
    assert caller.session_id in living
    assert other.session_id not in living


async def test_who_has_a_second_factor_links_only_in_a_session_that_showed_it(town: Town) -> None:
    caller = await bo(town)
    world, now = town.world, town.world.clock.now()
    totp = Totp.begin(TotpId(world.ids.one()), caller.user_id, world.chance.token(), now)
    async with world.begin(caller.user_id) as tx:
        await tx.totps.put(replace(totp, confirmed_at=now, last_step=1))
        await tx.commit()

    with pytest.raises(StepUpRequiredError):
        await town.links(caller)

    async with world.begin(caller.user_id) as tx:
        assert await tx.bankids.present() is None


async def test_the_last_way_in_stays(town: Town) -> None:
    anna = await town.signs_in()

    with pytest.raises(LastWayInError):
        await town.unlinks(fresh(anna))

    assert (await town.signs_in()).user_id == anna.user_id


async def test_an_attempt_works_once_and_only_in_its_browser(town: Town) -> None:
    sent = await town.leaves()
    mine = town.bankid.left[-1].state
    other = await town.leaves()

    with pytest.raises(BankIdStateInvalidError):
        await town.comes_back(other, mine)
    with pytest.raises(BankIdStateInvalidError):
        await town.comes_back(sent, Secret("made up"))
    with pytest.raises(BankIdCancelledError):
        await town.comes_back(other, error="access_denied")
    with pytest.raises(BankIdStateUsedError):
        await town.comes_back(other)


async def test_what_goes_in_comes_out_whole(town: Town) -> None:
    caller = await bo(town)
    await BeginBankIdLink(town.leaving)(BeginBankIdLinkCommand(caller))
    state = digest(town.bankid.left[-1].state)

    async with town.begin_attempts() as tx:
        attempt = await tx.attempts.get(state)
    assert attempt is not None
    assert attempt.links is not None
    assert (attempt.links.user_id, attempt.links.session_id) == (
        caller.user_id,
        caller.session_id,
    )
    assert attempt.expires_at - attempt.issued_at == timedelta(minutes=10)


async def test_attempts_are_forgotten_a_day_after_they_ran_out(town: Town) -> None:
    await town.leaves()
    state = digest(town.bankid.left[-1].state)

    async def kept() -> BankIdAttempt | None:
        async with town.begin_attempts() as tx:
            return await tx.attempts.get(state)

    town.world.clock.forward(days=1)
    await town.leaves()
    assert await kept() is not None
    town.world.clock.forward(minutes=11)
    await town.leaves()
    assert await kept() is None


async def together(*calls: object) -> Sequence[object]:
    return await asyncio.gather(*calls, return_exceptions=True)  # type: ignore[call-overload, no-any-return] # what each does differs


async def rows(database: CleanDatabase, statement: str) -> list[str]:
    """As the superuser, who walks past every policy."""
    db = await connect(database.admin_url)
    try:
        return [str(row[0]) for row in await db.fetch(statement)]
    finally:
        await db.close()


@pytest.mark.postgres
async def test_of_two_first_sign_ins_at_once_one_makes_the_person(
    postgres_town: Town, clean_database: CleanDatabase
) -> None:
    town = postgres_town
    left = [(await town.leaves(), town.bankid.left[-1]) for _ in range(6)]

    async def comes(sent: SentToBankId, leaving: Leaving) -> SignedIn:
        bankid = MemoryBankId(ANNA, [leaving])
        done = await replace(town, bankid=bankid).comes_back(sent, leaving.state)
        assert isinstance(done, BankIdSignedIn)
        return done.signed_in

    came = await together(*(comes(*one) for one in left))

    assert {type(one) for one in came} == {SignedIn}
    assert len({one.user_id for one in came if isinstance(one, SignedIn)}) == 1
    for table in ("people", "bankid_links"):
        assert await rows(clean_database, f"select count(*) from {table}") == ["1"]  # noqa: S608 - names above
    assert await rows(clean_database, "select count(*) from bankid_directory") == ["3"]


@pytest.mark.postgres
async def test_of_many_who_bring_one_state_one_gets_in(postgres_town: Town) -> None:
    sent = await postgres_town.leaves()

    came = await together(*(postgres_town.comes_back(sent) for _ in range(8)))

    kinds = [type(one) for one in came]
    assert kinds.count(BankIdSignedIn) == 1
    assert kinds.count(BankIdStateUsedError) == 7


@pytest.mark.postgres
async def test_of_two_who_link_one_bankid_one_gets_it(
    postgres_town: Town, clean_database: CleanDatabase
) -> None:
    town = postgres_town
    callers = []
    for name in ("bo", "cecilie"):
        await town.world.registers(f"{name}@example.no", name=name)
        callers.append(fresh(await town.world.logs_in(f"{name}@example.no")))

    came = await together(
        *(replace(town, bankid=MemoryBankId(ANNA)).links(caller) for caller in callers)
    )

    assert sorted(type(one).__name__ for one in came) == ["BankIdStatus", "BankIdTakenError"]
    assert len(await rows(clean_database, "select 1 from bankid_links")) == 1


@pytest.mark.postgres
async def test_what_is_kept_gives_nothing_away(
    postgres_town: Town, clean_database: CleanDatabase
) -> None:
    sent = await postgres_town.leaves()
    await postgres_town.comes_back(sent)
    tables = await rows(
        clean_database, "select tablename from pg_tables where schemaname = 'public'"
    )
    dump = "".join(
        [
            text
            for table in tables
            for text in await rows(clean_database, f'select t::text from "{table}" t')  # noqa: S608 - names from the catalogue
        ]
    )

    leaving = postgres_town.bankid.left[-1]
    brought = [one.reveal() for one in (leaving.state, leaving.nonce, sent.browser)]
    for secret in ("01010150740", "Anna Verified", "2001-01-01", "9578", "subject-of", *brought):
        assert secret not in dump
        assert secret.encode().hex() not in dump
