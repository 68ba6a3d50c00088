"""The world that scenarios are told in: all of Daler in memory, and a bank made of words."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeVar

import punq
from typing_extensions import override

from adapters.memory.bank import MemoryBank
from adapters.memory.database import MemoryDatabase
from adapters.memory.identity.tables import PEOPLE, SESSIONS
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.mailbox import MemoryMailbox
from application.connections.gateway import UpdateChangedError
from application.identity.mail.mails import Mail
from application.identity.ports import PasswordHasher
from application.identity.profile.profile import Profile
from application.identity.registering.confirm_registration import (
    ConfirmRegistration,
    ConfirmRegistrationCommand,
)
from application.identity.registering.register_person import RegisterPerson, RegisterPersonCommand
from application.jobs.tidy import TidyJob
from application.jobs.work import Handler, Worker, WorkLog
from application.ledger.ports import BeginLedgerTx
from application.secrets.jobs import ResealJob
from application.shared.caller import Claims
from application.shared.chance import Chance
from application.shared.feeds import FeedKind, FeedPage
from application.shared.jobs import LeasedJob
from domain.identity.session import Origin, Session
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.shared.errors import DalerError, UnavailableError
from domain.shared.events import FeedReceived
from domain.shared.ids import SessionId, UserId
from domain.shared.money import Money
from domain.shared.observations import Observations
from domain.shared.secret import Secret
from entrypoints.worker.handlers import HANDLERS, handler_of
from features.composition import a_container
from tests.support.clock import FixedClock
from tests.support.imports import a_person
from tests.support.ledger import ANNA, BJORN, FEED, MemoryBooks
from tests.support.post import token_in

T = TypeVar("T")

LONG_HERE: Final = {"Anna": a_person(ANNA), "Bjørn": a_person(BJORN, "SEK")}
"""Who they are unless they register in the story itself."""


class LightsOutError(BaseException):
    """The process ends here; nothing gets to tidy up."""


@dataclass(frozen=True, slots=True)
class NoSurprises(WorkLog):
    """Providers may fail and be tried again later; any other failure ends the scenario."""

    @override
    def done(self, job: LeasedJob, seconds: float, report: object) -> None: ...

    @override
    def failed(self, job: LeasedJob, error: BaseException, wait: timedelta | None) -> None:
        if wait is None or not isinstance(error, UnavailableError | UpdateChangedError):
            raise error

    @override
    def trouble(self, error: BaseException) -> None:
        raise error


@dataclass(slots=True)
class World:
    container: punq.Container
    runner: asyncio.Runner
    clock: FixedClock
    bank: MemoryBank
    refusal: DalerError | None = None
    """What the last person who tried something was told, if it was refused."""
    people: dict[str, UserId] = field(default_factory=dict)
    signed_in: dict[UserId, Claims] = field(default_factory=dict)

    def the(self, wanted: Callable[..., T]) -> T:
        found: T = self.container.resolve(wanted)
        return found

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Somebody tries it, and may be refused."""
        self.refusal = None
        try:
            return self.do(work)
        except DalerError as error:
            self.refusal = error
            return None

    # Work in the background

    def run_jobs(self) -> None:
        """What a worker does with everything that is due, and with what comes of it."""
        self.do(self.board.sweep())
        self.do(self._worker().run_due())

    def run_one_job(self) -> None:
        async def run() -> None:
            (claimed,) = await self.board.claim(1)
            await self.handlers()[claimed.name](claimed.payload, claimed.lease)

        self.do(run())

    @property
    def board(self) -> MemoryJobBoard:
        return MemoryJobBoard(self.database.tables, self.clock)

    def handlers(self) -> Mapping[str, Handler]:
        """Those of every worker, but for what memory needs not: nothing grows old or is sealed."""
        return {
            job.name: handler_of(job, self.the(use_case))
            for job, use_case in HANDLERS.items()
            if job not in {TidyJob, ResealJob}
        }

    def _worker(self) -> Worker:
        return Worker(self.board, self.handlers(), self.clock, self.the(Chance), NoSurprises())

    # Mails, and becoming somebody

    def mails_to(self, address: str) -> list[Mail]:
        return self.the(MemoryMailbox).to(address)

    def joins(self, name: str, email: str, password: Secret) -> Profile:
        """Registers, reads the mail, and confirms."""
        self.do(self.the(RegisterPerson)(RegisterPersonCommand(name, email, password)))
        self.run_jobs()
        command = ConfirmRegistrationCommand(Secret(token_in(self.mails_to(email)[-1])))
        return self.do(self.the(ConfirmRegistration)(command))

    # Who is who

    def person(self, name: str) -> UserId:
        if name not in self.people:
            long_here = LONG_HERE[name]
            self.database.tables.of(PEOPLE)[long_here.id] = long_here
            self.people[name] = long_here.id
        return self.people[name]

    def claims(self, name: str) -> Claims:
        """The person, signed in."""
        person = self.person(name)
        if person not in self.signed_in:
            session = Session.begin(SessionId(person), person, Origin(), self.clock.now())
            self.database.tables.of(SESSIONS)[person, session.id] = session
            self.signed_in[person] = Claims(person, session.id, session.expires_at)
        return self.signed_in[person]

    # What there is, read past every port

    @property
    def database(self) -> MemoryDatabase:
        return self.the(MemoryDatabase)

    @property
    def books(self) -> MemoryBooks:
        return MemoryBooks(self.database)

    def account(self, name: str) -> tuple[Account, Money]:
        """Anna's, with what it holds."""
        ((account, minor),) = (
            (account, minor)
            for account, minor in self.do(self.books.accounts(self.person("Anna"))).items()
            if account.name == name
        )
        return account, Money(minor, account.currency)

    def entries(self) -> list[Entry]:
        """Anna's."""
        entries = self.do(self.books.entries(self.person("Anna")))
        return [one for one in entries if one.removed is None]

    def entry(self, text: str) -> Entry:
        (found,) = (one for one in self.entries() if one.text == text)
        return found

    def bank_tells(self, *pages: Observations) -> None:
        """A bank that Anna linked long ago has a whole update, and workers understand it."""
        self.do(self._receive(self.person("Anna"), pages))
        self.run_jobs()

    async def _receive(self, person: UserId, pages: tuple[Observations, ...]) -> None:
        async with self.the(BeginLedgerTx)(person) as tx:
            await tx.updates.create(FEED, FeedKind.CONNECTION)
            update = await tx.updates.open(FEED)
            await tx.updates.keep(update.id, [FeedPage(b"", page) for page in pages], None)
            number = await tx.updates.complete(update.id)
            await tx.outbox.append(FeedReceived(person, FEED, number))
            await tx.commit()


def a_world(runner: asyncio.Runner, hasher: PasswordHasher) -> World:
    clock, bank = FixedClock(), MemoryBank()
    return World(a_container(clock, bank, hasher), runner, clock, bank)
