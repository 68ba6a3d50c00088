"""Mails, and what people do with them; over memory or over PostgreSQL."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from adapters.mail.letters import jinja_letters
from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.database import AUDIT_CHAINS
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.mailbox import MemoryMailbox
from adapters.passwords.common import CommonPasswords
from adapters.postgres.audit.chains import PostgresAuditChains
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.jobs.board import PostgresJobBoard
from application.audit.ports import AuditChains
from application.identity.jobs import SendConfirmationJob, SendNoticeJob
from application.identity.mail.mails import Mail, MailPromised
from application.identity.mail.send_mail_confirmation import SendConfirmation
from application.identity.mail.send_mail_notice import SendNotice
from application.identity.passwords.change_password import ChangePassword, ChangePasswordCommand
from application.identity.passwords.choosing import ChoosePassword
from application.identity.passwords.forgot_password import ForgotPassword, ForgotPasswordCommand
from application.identity.passwords.new_password import NewPassword
from application.identity.passwords.reset_password import ResetPassword, ResetPasswordCommand
from application.identity.passwords.set_password import SetPassword, SetPasswordCommand
from application.identity.profile.change_email import ChangeEmail, ChangeEmailCommand
from application.identity.profile.confirm_email import ConfirmEmail, ConfirmEmailCommand
from application.identity.profile.profile import Profile
from application.identity.registering.confirm_registration import (
    ConfirmRegistration,
    ConfirmRegistrationCommand,
)
from application.identity.registering.register_person import RegisterPerson, RegisterPersonCommand
from application.identity.signing_in.devices import RememberDevice
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller, FreshCaller
from application.shared.jobs import JobBoard
from domain.audit.chain import AuditEntry
from domain.shared.errors import UnavailableError
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from entrypoints.worker.handlers import handler_of
from tests.support.identity import EMAIL, PASSWORD, World

NEW: Final = Secret("five other words of hers")


def token_in(mail: Mail) -> str:
    """The token that a program would send on: on a line of its own."""
    (token,) = tokens_in(mail)
    return token


def tokens_in(mail: Mail) -> list[str]:
    return re.findall(r"^([A-Za-z0-9_-]{43,64})$", mail.text, re.MULTILINE)


@dataclass(slots=True)
class Post:
    """A world of identity, and its mail."""

    world: World
    board: JobBoard
    chains: AuditChains
    mailbox: MemoryMailbox = field(default_factory=MemoryMailbox)

    @classmethod
    def of(cls, world: World) -> "Post":
        board: JobBoard
        match world.begin:
            case BeginMemoryIdentityTx(database):
                board = MemoryJobBoard(database.tables, world.clock)
                return cls(world, board, MemoryAuditChains(database.tables.of(AUDIT_CHAINS)))
            case BeginPostgresIdentityTx(database, _):
                board = PostgresJobBoard(database.reads, timedelta(seconds=60))
                return cls(world, board, PostgresAuditChains(database))
            case other:
                raise TypeError(other)

    # What the house does

    async def delivers(self) -> int:
        """Send whatever is to be sent; how many jobs that were.

        A failure is raised, and its job will be tried again.
        """
        w, letters = self.world, jinja_letters("https://daler.example")
        confirmations = SendConfirmation(
            begin=w.begin,
            directory=w.directory,
            letters=letters,
            mailer=self.mailbox,
            ids=w.ids,
            chance=w.chance,
            clock=w.clock,
        )
        handlers = {
            SendConfirmationJob.name: handler_of(SendConfirmationJob, confirmations),
            SendNoticeJob.name: handler_of(
                SendNoticeJob, SendNotice(w.begin, letters, self.mailbox)
            ),
        }
        ran = 0
        while claimed := await self.board.claim(1):
            job = claimed[0]
            try:
                await handlers[job.name](job.payload, job.lease)
            except UnavailableError as error:
                await self.board.retry(job.lease, w.clock.now(), error.code)
                raise
            ran += 1
        return ran

    async def trail(self, user_id: UserId) -> list[AuditEntry]:
        return list((await self.chains.page(user_id, 0, 1_000)).entries)

    def subjects(self, address: str) -> list[str]:
        return [mail.subject for mail in self.mailbox.to(address)]

    def newest_token(self, address: str = EMAIL) -> Secret:
        return Secret([one for mail in self.mailbox.to(address) for one in tokens_in(mail)][-1])

    # What people do

    async def registers(
        self, email: str = EMAIL, password: Secret = PASSWORD, name: str = "Anna Berg"
    ) -> MailPromised:
        w = self.world
        register = RegisterPerson(w.begin, self._choose, w.hasher, w.ids, w.clock)
        return await register(RegisterPersonCommand(name, email, password))

    async def confirms(self, token: Secret) -> Profile:
        confirm = ConfirmRegistration(self.world.begin, self.world.ids, self.world.clock)
        return await confirm(ConfirmRegistrationCommand(token))

    async def forgets(self, email: str = EMAIL) -> MailPromised:
        forgot = ForgotPassword(self.world.begin, self.world.ids, self.world.clock)
        return await forgot(ForgotPasswordCommand(email))

    async def resets(self, token: Secret, password: Secret = NEW) -> Secret:
        w = self.world
        remember = RememberDevice(w.ids, w.chance)
        reset = ResetPassword(w.begin, self._new_password, w.guard, remember, w.ids, w.clock)
        return await reset(ResetPasswordCommand(token, password))

    async def changes_password(
        self, caller: Caller, current: Secret = PASSWORD, new: Secret = NEW
    ) -> None:
        w = self.world
        change = ChangePassword(w.begin, w.guard, w.hasher, self._new_password, w.clock)
        await change(ChangePasswordCommand(caller, current, new))

    async def sets_password(self, caller: Caller, password: Secret = NEW) -> None:
        w = self.world
        await SetPassword(w.begin, self._new_password, w.clock)(
            SetPasswordCommand(fresh(caller), password)
        )

    async def changes_email(self, caller: Caller, email: str) -> MailPromised:
        w = self.world
        command = ChangeEmailCommand(fresh(caller), email)
        return await ChangeEmail(w.begin, w.ids, w.clock)(command)

    async def confirms_email(self, caller: Caller, token: Secret) -> Profile:
        confirm = ConfirmEmail(self.world.begin, self.world.clock)
        return await confirm(ConfirmEmailCommand(caller, token))

    async def joins_and_signs_in(self, email: str = EMAIL) -> SignedIn:
        await self.world.registers(email)
        return await self.world.logs_in(email)

    @property
    def _choose(self) -> ChoosePassword:
        return ChoosePassword(CommonPasswords())

    @property
    def _new_password(self) -> NewPassword:
        w = self.world
        return NewPassword(w.begin, self._choose, w.hasher, w.ids)


def fresh(caller: Caller) -> FreshCaller:
    return FreshCaller(caller.user_id, caller.session_id)
