"""Having the sandbox bank tell us what happens, as the real providers do."""

import asyncio
from typing import Final

import structlog
from dishka import AsyncContainer

from adapters.tink.api import TinkRefusalError
from adapters.tink.gateway import TinkGateway
from adapters.tink.webhook_endpoint import make_endpoint
from application.connections.banks import Banks
from application.connections.gateway import ProviderMisconfiguredError, ProviderUnavailableError
from domain.connections.provider import Provider
from entrypoints.composition.settings import Settings
from entrypoints.composition.webhooks import WebhookSecrets

TRY_AGAIN_S: Final = 5.0

log: structlog.typing.FilteringBoundLogger = structlog.get_logger("daler")


async def listen_to_sandbox(container: AsyncContainer, settings: Settings) -> None:
    """Make our endpoint at the sandbox bank's Tink; Plaid is told with every link.

    Nothing waits for it, and nothing is lost without it: connections are read by the clock, too.
    """
    if not (settings.sandbox and settings.port):
        return
    tink = (await container.get(Banks)).of(Provider.TINK)
    secrets = await container.get(WebhookSecrets)
    if not isinstance(tink, TinkGateway):
        return
    while not secrets.tink:
        try:
            secret = await make_endpoint(tink.api, f"{settings.local_url}/webhooks/tink")
        except (TinkRefusalError, ProviderUnavailableError, ProviderMisconfiguredError) as error:
            log.warning("sandbox_webhooks_wait", error=type(error).__name__)
            await asyncio.sleep(TRY_AGAIN_S)
        else:
            secrets.tink = (secret,)
