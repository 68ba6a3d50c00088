"""People with passkeys: everything they touch, held in the hand, over memory or PostgreSQL."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.database import AUDIT_CHAINS
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.passkeys import MemoryPasskeyChallenges, MemoryPasskeyDirectory
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.passkeys.verifier import WebauthnVerifier
from adapters.postgres.audit.chains import PostgresAuditChains
from adapters.postgres.identity.begin import BeginPostgresIdentityTx
from adapters.postgres.identity.passkeys import (
    PostgresPasskeyChallenges,
    PostgresPasskeyDirectory,
)
from adapters.postgres.jobs.board import PostgresJobBoard
from application.audit.ports import AuditChains
from application.identity.bankid.ports import BankIdRules
from application.identity.passkeys.add import AddPasskey, AddPasskeyCommand
from application.identity.passkeys.list_passkeys import ListPasskeys, ListPasskeysQuery
from application.identity.passkeys.options import CreationOptions, RequestOptions
from application.identity.passkeys.ports import (
    PasskeyChallenges,
    PasskeyDirectory,
    PresentedAssertion,
    PresentedAttestation,
)
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.passkeys.remove import RemovePasskey, RemovePasskeyCommand
from application.identity.passkeys.rename import RenamePasskey, RenamePasskeyCommand
from application.identity.passkeys.second_factor import (
    AskForSecondPasskey,
    AskForSecondPasskeyCommand,
    FinishWithPasskey,
    FinishWithPasskeyCommand,
)
from application.identity.passkeys.sign_in import (
    AskForPasskey,
    SignInWithPasskey,
    SignInWithPasskeyCommand,
)
from application.identity.passkeys.start import StartPasskey, StartPasskeyCommand
from application.identity.passkeys.step_up import (
    AskToStepUp,
    AskToStepUpCommand,
    StepUpWithPasskey,
    StepUpWithPasskeyCommand,
)
from application.identity.passkeys.view import PasskeyView
from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.freshness import fresh
from application.identity.signing_in.step_up import SteppedUp, SteppingUp
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import Caller, FreshCaller
from application.shared.jobs import JobBoard
from domain.audit.chain import AuditEntry
from domain.identity.passkey import PasskeyId
from domain.identity.session import Method, Session
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.authenticator import HONEST, PARTY, Authenticator, Lies, Passkey
from tests.support.identity import EMAIL, PHONE, World


@dataclass(slots=True)
class PasskeyWorld:
    identity: World
    directory: PasskeyDirectory
    challenges: PasskeyChallenges
    chains: AuditChains
    board: JobBoard
    verifier: WebauthnVerifier = field(default_factory=lambda: WebauthnVerifier(PARTY))
    rules: BankIdRules = field(default_factory=BankIdRules)

    @property
    def questions(self) -> PasskeyQuestions:
        world = self.identity
        return PasskeyQuestions(self.challenges, self.verifier, world.chance, world.clock)

    async def caller(self, signed_in: SignedIn) -> Caller:
        return await self.identity.asks(signed_in)

    async def fresh(self, signed_in: SignedIn) -> FreshCaller:
        """Raises StepUpRequiredError."""
        world = self.identity
        standing = await world.check.standing(world.tokens.verify(signed_in.access.token))
        return fresh(standing, world.clock.now())

    async def starts(self, signed_in: SignedIn) -> CreationOptions:
        start = StartPasskey(
            self.identity.begin, self.questions, PARTY, self.identity.chance, self.identity.clock
        )
        return await start(StartPasskeyCommand(await self.fresh(signed_in)))

    async def adds(
        self, signed_in: SignedIn, presented: PresentedAttestation, name: str = "Phone"
    ) -> PasskeyView:
        world = self.identity
        add = AddPasskey(world.begin, self.questions, self.verifier, world.ids, world.clock)
        return await add(AddPasskeyCommand(await self.caller(signed_in), name, presented))

    async def registers(
        self, signed_in: SignedIn, device: Authenticator, name: str = "Phone"
    ) -> tuple[Passkey, PasskeyView]:
        options = await self.starts(signed_in)
        key, presented = device.makes(asked(options), options.user_handle)
        return key, await self.adds(signed_in, presented, name)

    async def lists(self, signed_in: SignedIn) -> Sequence[PasskeyView]:
        show = ListPasskeys(self.identity.begin)
        return await show(ListPasskeysQuery(await self.caller(signed_in)))

    async def renames(self, signed_in: SignedIn, passkey: PasskeyId, name: str) -> PasskeyView:
        rename = RenamePasskey(self.identity.begin)
        return await rename(RenamePasskeyCommand(await self.caller(signed_in), passkey, name))

    async def removes(self, signed_in: SignedIn, passkey: PasskeyId) -> None:
        remove = RemovePasskey(self.identity.begin, self.rules, self.identity.clock)
        await remove(RemovePasskeyCommand(await self.fresh(signed_in), passkey))

    async def is_asked(self) -> RequestOptions:
        return await AskForPasskey(self.questions, PARTY)()

    async def shows(self, challenge: Secret, presented: PresentedAssertion) -> SignedIn:
        sign_in = SignInWithPasskey(
            questions=self.questions,
            directory=self.directory,
            begin=self.identity.begin,
            verifier=self.verifier,
            opening=self.identity.opening,
            clock=self.identity.clock,
        )
        return await sign_in(SignInWithPasskeyCommand(challenge, presented, PHONE))

    async def signs_in(self, device: Authenticator, key: Passkey, lies: Lies = HONEST) -> SignedIn:
        options = await self.is_asked()
        return await self.shows(options.challenge, device.signs(key, asked(options), lies))

    async def is_asked_after_password(self, challenge: Secret) -> RequestOptions:
        world = self.identity
        ask = AskForSecondPasskey(world.challenges, world.begin, self.questions, PARTY)
        return await ask(AskForSecondPasskeyCommand(challenge))

    async def begins(self, email: str = EMAIL) -> SecondFactorAsked:
        """Signs in with the password, and is asked for more."""
        answer = await self.identity.tries(email)
        assert isinstance(answer, SecondFactorAsked)
        return answer

    async def finishes(self, challenge: Secret, presented: PresentedAssertion) -> SignedIn:
        finish = FinishWithPasskey(self.identity.challenges, self.questions, self.verifier)
        return await finish(FinishWithPasskeyCommand(challenge, presented, PHONE))

    async def is_asked_to_step_up(self, signed_in: SignedIn) -> RequestOptions:
        ask = AskToStepUp(self.identity.begin, self.questions, PARTY)
        return await ask(AskToStepUpCommand(await self.caller(signed_in)))

    async def steps_up(self, signed_in: SignedIn, presented: PresentedAssertion) -> SteppedUp:
        world = self.identity
        stepping_up = SteppingUp(world.begin, world.guard, world.opening, world.clock)
        step_up = StepUpWithPasskey(stepping_up, self.questions, self.verifier)
        caller = await self.caller(signed_in)
        return await step_up(StepUpWithPasskeyCommand(caller, PHONE, presented))

    async def session(self, signed_in: SignedIn) -> Session:
        async with self.identity.begin(signed_in.user_id) as tx:
            return await tx.sessions.get(signed_in.session_id)

    async def methods(self, signed_in: SignedIn) -> frozenset[Method]:
        return (await self.session(signed_in)).methods

    async def living(self, user_id: UserId) -> int:
        async with self.identity.begin(user_id) as tx:
            return len(await tx.sessions.living(self.identity.clock.now()))

    async def trail(self, user_id: UserId) -> list[AuditEntry]:
        return list((await self.chains.page(user_id, 0, 1_000)).entries)

    async def acts(self, user_id: UserId) -> list[str]:
        return [entry.action for entry in await self.trail(user_id)]

    async def last(self, user_id: UserId) -> tuple[str, Mapping[str, object]]:
        """What happened last to a person, and its facts."""
        entry = (await self.trail(user_id))[-1]
        facts: Mapping[str, object] = json.loads(entry.payload)
        return entry.action, facts

    async def letters(self) -> list[str]:
        """What people are to be told by mail; asking for it takes it."""
        claimed = await self.board.claim(100)
        return [job.payload["letter"] for job in claimed if "letter" in job.payload]


def passkeys_over(identity: World) -> PasskeyWorld:
    match identity.begin:
        case BeginMemoryIdentityTx(memory):
            return PasskeyWorld(
                identity,
                MemoryPasskeyDirectory(memory),
                MemoryPasskeyChallenges(memory),
                MemoryAuditChains(memory.tables.of(AUDIT_CHAINS)),
                MemoryJobBoard(memory.tables, identity.clock),
            )
        case BeginPostgresIdentityTx(database, cipher):
            return PasskeyWorld(
                identity,
                PostgresPasskeyDirectory(database, cipher),
                PostgresPasskeyChallenges(database),
                PostgresAuditChains(database),
                PostgresJobBoard(database.reads, timedelta(seconds=60)),
            )
        case other:
            raise TypeError(f"neither memory nor PostgreSQL: {other!r}")


def asked(options: CreationOptions | RequestOptions) -> bytes:
    """The challenge as an authenticator gets it."""
    return options.challenge.reveal().encode()
