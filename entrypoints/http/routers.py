"""Every router of the API."""

from collections.abc import Sequence

from litestar import Router

from entrypoints.http.account_pages import account_pages_router
from entrypoints.http.admin_providers import admin_providers_router
from entrypoints.http.admin_users import admin_users_router
from entrypoints.http.api_keys import api_keys_router
from entrypoints.http.bankid import bankid_router
from entrypoints.http.banking import banking_router
from entrypoints.http.consents import consents_router
from entrypoints.http.coverage import coverage_router
from entrypoints.http.duplicates import duplicates_router
from entrypoints.http.identity import identity_router
from entrypoints.http.imports import imports_router
from entrypoints.http.jobs import jobs_router
from entrypoints.http.ledger import ledger_router
from entrypoints.http.ledger_writes import ledger_writes_router
from entrypoints.http.passkeys import passkeys_router
from entrypoints.http.passwords import passwords_router
from entrypoints.http.profile import profile_router
from entrypoints.http.returning import returning_router
from entrypoints.http.same_accounts import same_accounts_router
from entrypoints.http.second_factor import second_factor_router
from entrypoints.http.sessions import sessions_router
from entrypoints.http.sync_history import sync_history_router
from entrypoints.http.transfers import transfers_router
from entrypoints.http.wallet import wallet_router
from entrypoints.http.webhooks import webhooks_router


def routers() -> Sequence[Router]:
    return (
        identity_router(),
        passwords_router(),
        account_pages_router(),
        passkeys_router(),
        second_factor_router(),
        sessions_router(),
        api_keys_router(),
        profile_router(),
        admin_users_router(),
        admin_providers_router(),
        bankid_router(),
        banking_router(),
        sync_history_router(),
        consents_router(),
        ledger_router(),
        ledger_writes_router(),
        duplicates_router(),
        same_accounts_router(),
        coverage_router(),
        imports_router(),
        jobs_router(),
        transfers_router(),
        wallet_router(),
        returning_router(),
        webhooks_router(),
    )
