from dataclasses import dataclass, field

from application.connections.jobs import WorkOffWebhookJob
from application.connections.ports import BeginHouseTx
from application.connections.webhook_ports import (
    AllWebhooks,
    Delivery,
    DeliveryId,
    WebhookMeter,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.connections.provider import Provider
from domain.shared.errors import DalerError
from domain.shared.network import UNKNOWN


@dataclass(frozen=True, slots=True)
class ReceiveWebhookCommand:
    provider: Provider
    signature: str | None
    body: bytes = field(repr=False)
    """As it came, byte for byte: that is what is signed."""
    network: str = UNKNOWN
    """Of whoever sent it. Counted in memory, and not kept."""


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    """Keep what a provider tells, and let a job see to it: providers wait for seconds only.

    Nothing of the body is looked at here. What cannot be read is kept, too: it was signed.
    """

    begin: BeginHouseTx
    webhooks: AllWebhooks
    clock: Clock
    ids: NewIds
    meter: WebhookMeter

    async def __call__(self, command: ReceiveWebhookCommand) -> None:
        """Once this returns, the webhook is kept and somebody will work it off.

        Raises:
            WebhookUnsignedError, WebhookForgedError, WebhookOutOfTimeError,
            WebhookNotSetUpError, WebhookKeysAwayError, WebhookKeysBusyError:
                nothing was kept.
        """
        try:
            await self.webhooks.of(command.provider).verify(
                command.signature, command.body, command.network
            )
        except DalerError as error:
            self.meter.count(command.provider, error.code)
            raise
        delivery = Delivery(
            DeliveryId(self.ids.one()), command.provider, command.body, self.clock.now()
        )
        async with self.begin() as tx:
            await tx.deliveries.add(delivery)
            # No unique key: one that found an earlier job under way could come too late for it.
            await tx.jobs.enqueue(WorkOffWebhookJob(delivery_id=delivery.id))
            await tx.commit()
        self.meter.count(command.provider, "kept")
