"""Webhooks: the use cases, and what each provider's are proven with."""

from dataclasses import dataclass

from dishka import AnyOf, Provider, Scope, provide, provide_all

from adapters.plaid.gateway import PlaidGateway
from adapters.plaid.webhook import PlaidWebhooks
from adapters.plaid.webhook_keys import PlaidKeys, UnsetKeys
from adapters.tink.webhook import TinkWebhooks
from application.connections.banks import Banks
from application.connections.consent.news import AskTheProvider, ConsentNews
from application.connections.receive_webhook import ReceiveWebhook
from application.connections.webhook_ports import AllWebhooks, WebhookMeter
from application.connections.work_off_webhook import WorkOffWebhook
from application.shared.clock import Clock
from domain.connections.provider import Provider as Bank
from domain.shared.secret import Secret
from entrypoints.composition.providers import BankSettings
from entrypoints.http.metrics import WebhookCounts


@dataclass(slots=True)
class WebhookSecrets:
    """As they are now: the sandbox bank only gives its own out once it knows our address."""

    tink: tuple[Secret, ...] = ()

    def of_tink(self) -> tuple[Secret, ...]:
        return self.tink


class WebhookHandlers(Provider):
    """Needs AllWebhooks, and what ConnectionsHandlers needs."""

    scope = Scope.APP

    handlers = provide_all(ReceiveWebhook, WorkOffWebhook)
    consent = provide(AskTheProvider, provides=ConsentNews)

    @provide
    def counts(self) -> AnyOf[WebhookCounts, WebhookMeter]:
        return WebhookCounts()


class WebhooksComposition(Provider):
    """Needs BankSettings, Banks and Clock."""

    scope = Scope.APP

    @provide
    def secrets(self, settings: BankSettings) -> WebhookSecrets:
        secret = settings.tink and settings.tink.webhook_secret
        return WebhookSecrets((secret,) if secret else ())

    @provide
    def webhooks(self, secrets: WebhookSecrets, banks: Banks, clock: Clock) -> AllWebhooks:
        plaid = banks.of(Bank.PLAID)
        # Keys are asked for the way everything of Plaid's is: one circuit breaker for all of it.
        keys = PlaidKeys(plaid.api) if isinstance(plaid, PlaidGateway) else UnsetKeys()
        return AllWebhooks(
            {
                Bank.TINK: TinkWebhooks(secrets.of_tink, clock),
                Bank.PLAID: PlaidWebhooks(keys, clock),
            }
        )
