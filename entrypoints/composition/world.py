"""The world that runs: every use case over PostgreSQL and the real providers."""

from dishka import STRICT_VALIDATION, AsyncContainer, Provider, make_async_container

from entrypoints.composition.audit import AuditHandlers, PostgresAudit
from entrypoints.composition.bankid import (
    BankIdComposition,
    BankIdHandlers,
    PostgresBankIdParts,
)
from entrypoints.composition.connections import ConnectionsHandlers, PostgresConnections
from entrypoints.composition.consents import ConsentHandlers, PostgresConsents
from entrypoints.composition.core import CoreProvider, PostgresProvider
from entrypoints.composition.identity import IdentityHandlers, IdentitySecrets, PostgresIdentity
from entrypoints.composition.ledger import LedgerHandlers, PostgresLedger
from entrypoints.composition.ledger_reading import LedgerReading, PostgresLedgerReading
from entrypoints.composition.mails import Mails
from entrypoints.composition.passkeys import PasskeyHandlers, PostgresPasskeyParts
from entrypoints.composition.people import PeopleHandlers, PostgresPeople
from entrypoints.composition.providers import BanksComposition
from entrypoints.composition.rates import RatesComposition
from entrypoints.composition.secrets import PostgresSecrets, SecretsHandlers
from entrypoints.composition.settings import Settings
from entrypoints.composition.webhooks import WebhookHandlers, WebhooksComposition
from entrypoints.http.callers import CallerProvider
from entrypoints.http.identity import OriginProvider


def production_world(settings: Settings, *instead: Provider) -> AsyncContainer:
    """Composed and checked: a port without an adapter fails here, at the start.

    Nothing connects before it is used; closing the container closes everything. What `instead`
    provides with `override=True` takes the place of what runs in production.
    """
    return make_async_container(
        CoreProvider(),
        PostgresProvider(),
        BanksComposition(),
        IdentityHandlers(),
        Mails(),
        IdentitySecrets(),
        PostgresIdentity(),
        PeopleHandlers(),
        PostgresPeople(),
        BankIdHandlers(),
        BankIdComposition(),
        PostgresBankIdParts(),
        PasskeyHandlers(),
        PostgresPasskeyParts(),
        AuditHandlers(),
        PostgresAudit(),
        SecretsHandlers(),
        PostgresSecrets(),
        ConnectionsHandlers(settings.pace),
        PostgresConnections(),
        ConsentHandlers(),
        PostgresConsents(),
        WebhookHandlers(),
        WebhooksComposition(),
        LedgerHandlers(),
        PostgresLedger(),
        RatesComposition(),
        LedgerReading(),
        PostgresLedgerReading(),
        CallerProvider(),
        OriginProvider(),
        *instead,
        context={Settings: settings},
        validation_settings=STRICT_VALIDATION,
    )
