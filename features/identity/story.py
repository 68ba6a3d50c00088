"""What people have, what lies on their devices, and what they were answered so far."""

from base64 import b32decode
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from adapters.memory.database import AUDIT_CHAINS
from adapters.memory.identity.tables import SESSIONS
from application.identity.signing_in.challenges import SecondFactorAsked
from application.identity.signing_in.freshness import fresh
from application.identity.signing_in.log_in import LogIn, LogInCommand
from application.identity.signing_in.refresh_session import RefreshSession, RefreshSessionCommand
from application.identity.signing_in.tokens import SignedIn
from application.shared.caller import (
    AccessTokens,
    Caller,
    FreshCaller,
    SessionCheck,
    Standing,
)
from domain.audit.chain import AuditEntry
from domain.identity.session import Origin, Session
from domain.identity.totp import code_at, step_of
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from features.world import World
from tests.support.post import tokens_in

FULL_NAMES: Final = {"Anna": "Anna Berg", "Bo": "Bo Lie", "Olga": "Olga Moe"}
PASSWORDS: Final = {
    "Anna": Secret("four quiet words here"),
    "Bo": Secret("another long one of mine"),
    "Olga": Secret("nobody guesses this either"),
    "thief": Secret("the thief picked this one"),
}


@dataclass(slots=True)
class Account:
    """A person, and what they know and have to get in."""

    email: str
    password: Secret
    id: UserId | None = None
    app: Secret | None = None
    """What the authenticator app on their phone was given."""
    codes: Sequence[Secret] = ()


@dataclass(slots=True)
class Device:
    """Something that signs in, from a network of its own."""

    origin: Origin
    replies: list[SignedIn] = field(default_factory=list)
    asked: SecondFactorAsked | None = None
    """The sign-in that waits here for a second factor."""

    @property
    def name(self) -> str:
        return self.origin.device

    @property
    def now(self) -> SignedIn:
        assert self.replies, f"nobody has ever signed in on {self.name}"
        return self.replies[-1]

    def keep(self, signed_in: SignedIn) -> None:
        self.replies.append(signed_in)
        self.origin = self.origin.bringing(signed_in.device_token)


@dataclass(slots=True)
class Story:
    world: World
    accounts: dict[str, Account] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    last: Device | None = None
    """Where somebody tried to get in last."""
    answer: SignedIn | SecondFactorAsked | None = None
    """What they were answered there; None: refused."""

    def account(self, name: str) -> Account:
        if name not in self.accounts:
            self.accounts[name] = Account(f"{name.lower()}@example.no", PASSWORDS[name])
        return self.accounts[name]

    def person(self, name: str) -> UserId:
        known = self.account(name).id
        assert known is not None, f"{name} has no account"
        return known

    def device(self, name: str) -> Device:
        if name not in self.devices:
            address = f"198.51.100.{len(self.devices) + 1}"
            self.devices[name] = Device(Origin(name, address))
        return self.devices[name]

    @property
    def here(self) -> Device:
        assert self.last is not None, "nobody has tried to get in yet"
        return self.last

    # Getting in

    def joins(self, name: str) -> None:
        account = self.account(name)
        profile = self.world.joins(FULL_NAMES[name], account.email, account.password)
        account.id = profile.id

    def gets(self, device: Device, work: Coroutine[Any, Any, SignedIn | SecondFactorAsked]) -> None:
        """Somebody tries to get in on this device, and may be refused."""
        self.last, self.answer = device, self.world.attempt(work)
        match self.answer:
            case SignedIn():
                device.keep(self.answer)
            case SecondFactorAsked():
                device.asked = self.answer
            case None:
                pass

    def signs_in(self, device: Device, email: str, password: Secret) -> None:
        command = LogInCommand(email, password, device.origin)
        self.gets(device, self.world.the(LogIn)(command))

    def refreshes(self, device: Device, token: Secret) -> None:
        command = RefreshSessionCommand(token)
        self.gets(device, self.world.the(RefreshSession)(command))

    # Asking for something, once signed in

    async def standing(self, device: Device) -> Standing:
        """What every request begins with; an app whose access has run out refreshes first."""
        if self.world.clock.now() >= device.now.access.expires_at:
            command = RefreshSessionCommand(device.now.refresh)
            device.keep(await self.world.the(RefreshSession)(command))
        claims = self.world.the(AccessTokens).verify(device.now.access.token)
        return await self.world.the(SessionCheck).standing(claims)

    async def caller(self, device: Device) -> Caller:
        return (await self.standing(device)).caller

    async def fresh(self, device: Device) -> FreshCaller:
        """What is dangerous asks for this. Raises StepUpRequiredError."""
        return fresh(await self.standing(device), self.world.clock.now())

    def code(self, name: str, off: timedelta = timedelta(0)) -> Secret:
        """What the person's authenticator app shows, or showed, or is about to show."""
        app = self.account(name).app
        assert app is not None, f"{name} has no authenticator app"
        step = step_of(self.world.clock.now() + off)
        return Secret(code_at(b32decode(app.reveal()), step))

    def wrong_code(self, name: str) -> Secret:
        """Six digits that the app shows neither now nor half a minute before or after."""
        near = {self.code(name, timedelta(seconds=30 * by)).reveal() for by in (-1, 0, 1)}
        return Secret(min({"000000", "111111", "222222", "333333"} - near))

    # What there is, read past every port

    def trail(self, name: str) -> Sequence[AuditEntry]:
        return self.world.database.tables.of(AUDIT_CHAINS)[self.person(name)]

    def living(self, device: str) -> list[Session]:
        """Whatever is signed in there."""
        now = self.world.clock.now()
        sessions = self.world.database.tables.of(SESSIONS).values()
        return [one for one in sessions if one.device == device and one.alive(now)]

    def links(self, name: str) -> list[Secret]:
        """What the links in somebody's mails hold, the oldest first."""
        return self.links_to(self.account(name).email)

    def links_to(self, address: str) -> list[Secret]:
        self.world.run_jobs()
        return [Secret(token) for mail in self.world.mails_to(address) for token in tokens_in(mail)]
