"""What providers tell on their own account: late, twice, in any order, or not at all."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from application.connections.receive_webhook import ReceiveWebhook, ReceiveWebhookCommand
from domain.connections.errors_webhooks import WebhookForgedError, WebhookOutOfTimeError
from domain.connections.provider import Provider
from domain.shared.ids import ExternalId
from domain.shared.secret import Secret
from tests.faults.simulation.house import House
from tests.faults.simulation.stage import Process, Stage, a_fate
from tests.faults.simulation.truth import Login, Movement
from tests.support.mortal import Fate
from tests.support.webhooks import Letter, of_plaid, of_tink, refreshed, sync_available

_STRANGE: Final = ("strange", "elsewhere", "forged", "old", "garbled")


class NotRefusedError(AssertionError):
    """A webhook that proves nothing was taken for true."""


class NotKeptError(AssertionError):
    """A webhook was answered, and is not there."""


@dataclass(slots=True, eq=False)
class Mail:
    provider: Provider
    kind: str
    link: ExternalId
    content: object
    must: bool = False
    """The provider comes again until it is taken: asking would not tell of this."""


@dataclass(slots=True)
class Post:
    house: House
    stage: Stage
    dice: Random
    waiting: list[Mail] = field(default_factory=list)

    def tell(self, login: Login, what: str, movement: Movement | None, gone: ExternalId) -> None:
        """Something has happened at a bank that somebody has linked."""
        if not login.grants:
            return
        if what == "retracts" and login.character.lists and movement is not None:
            self.waiting.append(_deleted(login, movement, gone))
        if self.dice.random() < 0.4:
            self.waiting.append(self._news(login, movement))
        if self.dice.random() < 0.03:
            self.waiting.append(self._strange(login))

    def _news(self, login: Login, movement: Movement | None) -> Mail:
        link = login.external_id
        if login.provider is Provider.PLAID:
            return Mail(login.provider, "news", link, sync_available(link))
        if movement is None or self.dice.random() < 0.5:
            return Mail(login.provider, "news", link, refreshed(link))
        said = of_tink(
            "account-transactions:modified",
            f"person-{login.owner}",
            account={"id": movement.account.external_id},
            transactions={"earliestModifiedBookedDate": movement.day.isoformat()},
        )
        return Mail(login.provider, "news", link, said)

    def _strange(self, login: Login) -> Mail:
        kind, link = self.dice.choice(_STRANGE), login.external_id
        plaid = login.provider is Provider.PLAID
        match kind:
            case "elsewhere":
                said = sync_available("nobody-s") if plaid else refreshed("nobody-s")
            case "strange":
                said = of_plaid("DREAM", link) if plaid else of_tink("account:dreamt", "nobody")
            case "garbled":
                said = b"{"
            case _:
                said = sync_available(link) if plaid else refreshed(link)
        return Mail(login.provider, kind, link, said)

    async def deliver(self, fragile: float) -> str | None:
        """Any of those that wait; None: there is none."""
        if not self.waiting:
            return None
        mail = self.dice.choice(self.waiting)
        fate = a_fate(self.dice, steps=6, commits=1) if self.dice.random() < fragile else None
        lost = not mail.must and self.dice.random() < 0.1
        if not lost and not await self._arrives(mail, fate):
            return f"{mail.kind} is cut off"
        if self.dice.random() > 0.15:  # otherwise it comes once more
            self.waiting.remove(mail)
        return f"{mail.kind} {'is lost' if lost else 'arrives'} for {mail.link}"

    async def deliver_all(self) -> None:
        waiting, self.waiting = self.waiting, []
        for mail in waiting:
            await self._arrives(mail, None)

    async def _arrives(self, mail: Mail, fate: Fate | None) -> bool:
        process = Process("webhook", self._receive(mail), fate)
        await self.stage.to_the_end(process)
        return not process.died

    async def _receive(self, mail: Mail) -> None:
        letter = self._written(mail)
        command = ReceiveWebhookCommand(letter.provider, letter.signature, letter.body)
        refusal = {"forged": WebhookForgedError, "old": WebhookOutOfTimeError}.get(mail.kind)
        if refusal is None:
            kept = await self.house.insight.deliveries()
            await self.house.the(ReceiveWebhook)(command)
            if await self.house.insight.deliveries() != kept + 1:
                raise NotKeptError(mail.kind)
            return
        try:
            await self.house.the(ReceiveWebhook)(command)
        except refusal:
            return
        raise NotRefusedError(mail.kind)

    def _written(self, mail: Mail) -> Letter:
        clock, senders = self.house.clock, self.house.senders
        if mail.kind == "old":
            clock.forward(hours=-1)
        try:
            if mail.provider is Provider.TINK:
                forged = mail.kind == "forged"
                secret = {"secret": Secret("guessed")} if forged else {}
                return senders.tink_sends(mail.content, **secret)
            letter = senders.plaid_sends(mail.content)
        finally:
            if mail.kind == "old":
                clock.forward(hours=1)
        if mail.kind == "forged":
            return Letter(letter.provider, letter.body + b" ", letter.headers)
        return letter


def _deleted(login: Login, movement: Movement, gone: ExternalId) -> Mail:
    said = of_tink(
        "account-transactions:deleted",
        f"person-{login.owner}",
        account={"id": movement.account.external_id},
        transactions={"ids": [gone]},
    )
    return Mail(login.provider, "deleted", login.external_id, said, must=True)
