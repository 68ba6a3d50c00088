"""Every use case over memory, wired by punq from constructor annotations alone."""

from typing import Any, Final

import punq

from adapters.crypto.keys import Key, KeyRing
from adapters.mail.letters import jinja_letters
from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.bank import MemoryBank
from adapters.memory.bankid import MemoryBankId
from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.consents import MemoryNoticesReader
from adapters.memory.connections.figures import MemoryFigures
from adapters.memory.connections.history import MemorySyncHistory
from adapters.memory.connections.reader import MemoryConnectionsReader
from adapters.memory.connections.receipts import MemoryReceiptsReader
from adapters.memory.connections.repositories import MemoryLinkedUp
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.identity.api_keys import MemoryApiKeyDirectory
from adapters.memory.identity.bankid import BeginMemoryBankIdAttemptsTx, MemoryBankIdDirectory
from adapters.memory.identity.begin import BeginMemoryIdentityTx
from adapters.memory.identity.directory import MemoryDirectory, MemorySessionCheck
from adapters.memory.identity.factors import MemoryChallengeOwners
from adapters.memory.identity.home_currency import MemoryHomeCurrency
from adapters.memory.identity.lockout import MemoryTallies
from adapters.memory.identity.passkeys import MemoryPasskeyChallenges, MemoryPasskeyDirectory
from adapters.memory.identity.people_directory import MemoryPeopleDirectory
from adapters.memory.identity.settings import BeginMemorySettingsTx
from adapters.memory.identity.staff import BeginMemoryStaffTx, MemoryStaffActions
from adapters.memory.jobs.of_person import MemoryJobsOfPerson
from adapters.memory.ledger.begin import BeginMemoryImportsTx, BeginMemoryLedgerTx
from adapters.memory.ledger.imports_reader import MemoryImportsReader
from adapters.memory.ledger.matching_reading import MemoryLinksReader, MemorySuggestionsReader
from adapters.memory.ledger.rates import (
    BeginMemoryRatesTx,
    MemoryRates,
    MemoryRatesReader,
)
from adapters.memory.ledger.reading import MemoryAccountsReader, MemoryTransactionsReader
from adapters.memory.ledger.transfers import BeginMemoryTransfersTx, MemoryTransfersReader
from adapters.memory.mailbox import MemoryMailbox
from adapters.memory.wallet.reader import MemoryWalletReader
from adapters.outbound.figures import ProcessFigures
from adapters.passkeys.verifier import WebauthnVerifier
from adapters.passwords.common import CommonPasswords
from adapters.qr.segno_svg import SegnoQrCodes
from adapters.statements.reader import FileStatements
from adapters.system.zones import IanaTimeZones
from adapters.tokens.jwt import jwt_access_tokens
from adapters.tokens.successors import HmacSuccessors
from application.audit.ports import AuditChains
from application.audit.verify_trail import VerifyTrail
from application.connections.banks import Banks
from application.connections.complete_link import CompleteLink
from application.connections.consent.find_due import FindDueConsents
from application.connections.consent.look_at import LookAtConsent
from application.connections.consent.news import AskTheProvider, ConsentNews
from application.connections.consent.ports import NoticesReader
from application.connections.consent.receipts import ReceiptsReader
from application.connections.consent.revoke_former import RevokeFormer
from application.connections.consent.see_notice import SeeNotice
from application.connections.disconnect import Disconnect
from application.connections.find_out_of_step import FindOutOfStep
from application.connections.health.history import SyncHistory
from application.connections.health.ports import FiguresReader, FiguresStore, SyncMeter
from application.connections.health.show_providers import ShowProvider, ShowProviders
from application.connections.keep_in_step import KeepInStep
from application.connections.keep_link import KeepLink
from application.connections.link_states import LinkStates
from application.connections.pace.four_a_day import FourADay
from application.connections.pace.pace import WhatCounts
from application.connections.pace.pressure import Pressure
from application.connections.ports import BeginConnectionsTx, BeginHouseTx, LinkedUp
from application.connections.purge_raw_pages import PurgeRawPages
from application.connections.receive_webhook import ReceiveWebhook
from application.connections.request_sync import RequestSync
from application.connections.revoke_connection import RevokeConnection
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.connections.start_link import Attempting, StartLink
from application.connections.start_renewal import StartRenewal
from application.connections.sync_connection import SyncConnection, SyncLimits
from application.connections.sync_setback import SyncSetback
from application.connections.unattended import UnattendedSyncs
from application.connections.views import ConnectionsReader
from application.connections.webhook_ports import AllWebhooks, WebhookMeter
from application.connections.work_off_webhook import WorkOffWebhook
from application.identity.api_keys.create_api_key import CreateApiKey
from application.identity.api_keys.list_api_keys import ListApiKeys
from application.identity.api_keys.note_key_use import NoteKeyUse
from application.identity.api_keys.ports import ApiKeyDirectory, KeyUses
from application.identity.api_keys.revoke_api_key import RevokeApiKey
from application.identity.api_keys.use_api_key import UseApiKey
from application.identity.bankid.come_back import ReturnFromBankId
from application.identity.bankid.link import BankIdLinking
from application.identity.bankid.ports import (
    BankIdDirectory,
    BankIdProvider,
    BankIdRules,
    BeginBankIdAttemptsTx,
)
from application.identity.bankid.set_out import BankIdLeaving, BeginBankId, BeginBankIdLink
from application.identity.bankid.sign_in import BankIdSigningIn
from application.identity.bankid.status import ViewBankId
from application.identity.bankid.unlink import UnlinkBankId
from application.identity.mail.mails import Letters, Mailer
from application.identity.mail.send_consent_notice import SendConsentNotice
from application.identity.mail.send_mail_confirmation import SendConfirmation
from application.identity.mail.send_mail_notice import SendNotice
from application.identity.passkeys.add import AddPasskey
from application.identity.passkeys.list_passkeys import ListPasskeys
from application.identity.passkeys.ports import (
    PasskeyChallenges,
    PasskeyDirectory,
    PasskeyVerifier,
    RelyingParty,
)
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.passkeys.remove import RemovePasskey
from application.identity.passkeys.rename import RenamePasskey
from application.identity.passkeys.second_factor import AskForSecondPasskey, FinishWithPasskey
from application.identity.passkeys.sign_in import AskForPasskey, SignInWithPasskey
from application.identity.passkeys.start import StartPasskey
from application.identity.passkeys.step_up import AskToStepUp, StepUpWithPasskey
from application.identity.passwords.change_password import ChangePassword
from application.identity.passwords.choosing import ChoosePassword, WeakPasswords
from application.identity.passwords.forgot_password import ForgotPassword
from application.identity.passwords.new_password import NewPassword
from application.identity.passwords.reset_password import ResetPassword
from application.identity.passwords.set_password import SetPassword
from application.identity.ports import (
    AccessTokenIssuer,
    BeginIdentityTx,
    Directory,
    PasswordHasher,
    Successors,
)
from application.identity.profile.change_email import ChangeEmail
from application.identity.profile.change_profile import ChangeProfile
from application.identity.profile.confirm_email import ConfirmEmail
from application.identity.profile.settings import ChangeSettings, ViewSettings
from application.identity.profile.settings_ports import BeginSettingsTx, TimeZones
from application.identity.profile.view_profile import ViewProfile
from application.identity.registering.confirm_registration import ConfirmRegistration
from application.identity.registering.register_person import RegisterPerson
from application.identity.second_factor.confirm_totp import ConfirmTotp
from application.identity.second_factor.disable_totp import DisableTotp
from application.identity.second_factor.ports import ChallengeOwners, QrCodes
from application.identity.second_factor.recovery_codes import MakeRecoveryCodes
from application.identity.second_factor.set_up_totp import SetUpTotp
from application.identity.second_factor.view_factors import ViewFactors
from application.identity.sessions.end_session import EndSession
from application.identity.sessions.end_sessions import EndSessions
from application.identity.sessions.list_sessions import ListSessions
from application.identity.signing_in.challenges import SignInChallenges
from application.identity.signing_in.devices import RememberDevice
from application.identity.signing_in.finish_sign_in import FinishWithRecoveryCode, FinishWithTotp
from application.identity.signing_in.guard import Guard, Tallies
from application.identity.signing_in.log_in import LogIn
from application.identity.signing_in.log_out import LogOut
from application.identity.signing_in.opening import SessionOpening
from application.identity.signing_in.refresh_session import RefreshSession
from application.identity.signing_in.step_up import SteppingUp, StepUp
from application.identity.staff.ban_person import BanPerson
from application.identity.staff.create_admin import CreateAdmin
from application.identity.staff.find_person import FindPerson
from application.identity.staff.grant_role import GrantRole
from application.identity.staff.list_actions import ListActions
from application.identity.staff.list_people import ListPeople
from application.identity.staff.lock_person import LockPerson
from application.identity.staff.ports import BeginStaffTx, PeopleDirectory, StaffActions
from application.identity.staff.sessions_for_staff import EndSessionsOfPerson, ShowSessionsOfPerson
from application.identity.staff.show_person import ShowPerson
from application.identity.staff.unban_person import UnbanPerson
from application.identity.staff.unlock_person import UnlockPerson
from application.jobs.view_job import JobsOfPerson, ViewJob
from application.ledger.add_entry import AddEntry
from application.ledger.apply_feed import ApplyFeed
from application.ledger.close_account import CloseAccount
from application.ledger.decide_transfer import ConfirmTransfer, DismissTransfer, UndoTransfer
from application.ledger.edit_entry import EditEntry
from application.ledger.erase_feed import EraseFeed
from application.ledger.expire_holds import ExpireHolds
from application.ledger.import_statement import ImportStatement
from application.ledger.imports import BeginImportsTx, HomeCurrency, ImportsReader
from application.ledger.keep_rates import KeepRates
from application.ledger.links_undo import UndoLink
from application.ledger.list_transactions import ListTransactions
from application.ledger.make_transfer import MakeTransfer
from application.ledger.matching_views import LinksReader, SuggestionsReader
from application.ledger.one_account.in_background import JoinInBackground, SeparateInBackground
from application.ledger.one_account.join import JoinAccounts
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.request_separate import RequestSeparate
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
)
from application.ledger.one_account.separate import SeparateFeed
from application.ledger.one_account.show import ListDisagreements, ListFeedsOfAccount
from application.ledger.open_account import OpenAccount
from application.ledger.pair_transfers import PairTransfers
from application.ledger.ports import BeginLedgerTx
from application.ledger.proofs.apply_late import ApplyLate
from application.ledger.proofs.close_month import CloseMonth
from application.ledger.proofs.reopen_month import ReopenMonth
from application.ledger.proofs.show_coverage import ShowCoverage, SummariseCoverage
from application.ledger.rates import BeginRatesTx, Rates, RatesReader
from application.ledger.reading import AccountsReader, TransactionsReader
from application.ledger.remove_entry import RemoveEntry
from application.ledger.replay import PreviewReplay, ReplayFeed
from application.ledger.replay_request import RequestReplay
from application.ledger.request_import import RequestImport
from application.ledger.show_rate import ShowRate
from application.ledger.statements import StatementReader
from application.ledger.suggestions_decide import DecideSuggestion
from application.ledger.transfers import BeginTransfersTx, TransfersReader
from application.shared.caller import AccessTokens, SessionCheck
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.wallet.ports import WalletReader
from application.wallet.show_cash_flow import ShowCashFlow
from application.wallet.show_net_worth import ShowNetWorth
from application.wallet.summarise_wallet import SummariseWallet
from domain.connections.provider import Provider
from domain.identity.lockout import DEFAULT_RULES, LockoutRules
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.support.authenticator import PARTY
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock
from tests.support.key_uses import ListedKeyUses
from tests.support.webhooks import CountedVerdicts, Senders

USE_CASES: Final[tuple[type[Any], ...]] = (
    *(
        SessionOpening,
        RegisterPerson,
        LogIn,
        RefreshSession,
        LogOut,
        ViewProfile,
        VerifyTrail,
        ViewJob,
    ),
    *(Guard, ChoosePassword, RememberDevice, SignInChallenges),
    *(FinishWithTotp, FinishWithRecoveryCode, SteppingUp, StepUp),
    *(SetUpTotp, ConfirmTotp, DisableTotp, MakeRecoveryCodes, ViewFactors),
    *(ConfirmRegistration, SendConfirmation, SendNotice),
    *(NewPassword, ForgotPassword, ResetPassword, ChangePassword, SetPassword),
    *(ChangeEmail, ConfirmEmail),
    *(ListSessions, EndSession, EndSessions),
    *(CreateApiKey, ListApiKeys, RevokeApiKey, UseApiKey, NoteKeyUse),
    *(BanPerson, UnbanPerson, LockPerson, UnlockPerson, GrantRole, CreateAdmin),
    *(ListPeople, FindPerson, ShowPerson, ListActions),
    *(ShowSessionsOfPerson, EndSessionsOfPerson),
    *(ChangeProfile, ViewSettings, ChangeSettings),
    *(BankIdLeaving, BeginBankId, BeginBankIdLink, BankIdSigningIn, BankIdLinking),
    *(ReturnFromBankId, ViewBankId, UnlinkBankId),
    *(PasskeyQuestions, StartPasskey, AddPasskey, ListPasskeys, RenamePasskey, RemovePasskey),
    *(AskForPasskey, SignInWithPasskey, AskForSecondPasskey, FinishWithPasskey),
    *(AskToStepUp, StepUpWithPasskey),
    *(LinkStates, Attempting, KeepLink, SyncSetback),
    *(StartLink, StartRenewal, CompleteLink, RequestSync, Disconnect),
    *(SyncConnection, KeepInStep, FindOutOfStep, RevokeConnection, PurgeRawPages),
    *(ReceiveWebhook, WorkOffWebhook),
    *(ShowProviders, ShowProvider),
    *(SeeNotice, FindDueConsents, LookAtConsent, RevokeFormer, SendConsentNotice),
    *(OpenAccount, CloseAccount, AddEntry, EditEntry, RemoveEntry, RequestImport),
    *(DecideSuggestion, UndoLink, PreviewReplay, ReplayFeed, RequestReplay),
    *(JoinAccounts, SeparateFeed, ListSameAccounts, ConfirmSameAccount, DismissSameAccount),
    *(RequestJoin, JoinInBackground, RequestSeparate, SeparateInBackground),
    *(ListFeedsOfAccount, ListDisagreements),
    *(MakeTransfer, UndoTransfer, ConfirmTransfer, DismissTransfer, PairTransfers),
    *(KeepRates, ShowRate),
    *(ApplyFeed, EraseFeed, ExpireHolds, ImportStatement),
    *(ShowCoverage, SummariseCoverage, CloseMonth, ReopenMonth, ApplyLate),
    *(ListTransactions, SummariseWallet, ShowCashFlow, ShowNetWorth),
)
ADAPTERS: Final[dict[type[Any], type[Any]]] = {
    BeginIdentityTx: BeginMemoryIdentityTx,
    Directory: MemoryDirectory,
    PasskeyDirectory: MemoryPasskeyDirectory,
    PasskeyChallenges: MemoryPasskeyChallenges,
    PasskeyVerifier: WebauthnVerifier,
    BankIdDirectory: MemoryBankIdDirectory,
    BeginBankIdAttemptsTx: BeginMemoryBankIdAttemptsTx,
    ApiKeyDirectory: MemoryApiKeyDirectory,
    SessionCheck: MemorySessionCheck,
    Tallies: MemoryTallies,
    ChallengeOwners: MemoryChallengeOwners,
    QrCodes: SegnoQrCodes,
    WeakPasswords: CommonPasswords,
    BeginStaffTx: BeginMemoryStaffTx,
    BeginSettingsTx: BeginMemorySettingsTx,
    PeopleDirectory: MemoryPeopleDirectory,
    StaffActions: MemoryStaffActions,
    TimeZones: IanaTimeZones,
    HomeCurrency: MemoryHomeCurrency,
    BeginConnectionsTx: BeginMemoryConnectionsTx,
    BeginHouseTx: BeginMemoryHouseTx,
    ConsentNews: AskTheProvider,
    UnattendedSyncs: FourADay,
    BeginLedgerTx: BeginMemoryLedgerTx,
    BeginImportsTx: BeginMemoryImportsTx,
    ImportsReader: MemoryImportsReader,
    BeginTransfersTx: BeginMemoryTransfersTx,
    TransfersReader: MemoryTransfersReader,
    BeginRatesTx: BeginMemoryRatesTx,
    RatesReader: MemoryRatesReader,
    TransactionsReader: MemoryTransactionsReader,
    SuggestionsReader: MemorySuggestionsReader,
    LinksReader: MemoryLinksReader,
    AccountsReader: MemoryAccountsReader,
    WalletReader: MemoryWalletReader,
    JobsOfPerson: MemoryJobsOfPerson,
    StatementReader: FileStatements,
    Cipher: GlassCipher,
}


def a_container(clock: FixedClock, bank: MemoryBank, hasher: PasswordHasher) -> punq.Container:
    """Over an empty database; both providers are `bank`."""
    ids, ring = CountedIds(), KeyRing([Key("k1", b"1" * 32)])
    database = MemoryDatabase(clock, ids, SUBSCRIPTIONS)
    tokens = jwt_access_tokens(ring, clock, ids, issuer="daler", audience="daler-api")
    mailbox = MemoryMailbox()
    rates = MemoryRates()
    bankid = MemoryBankId()
    instances: dict[type[Any], object] = {
        LockoutRules: DEFAULT_RULES,
        MemoryMailbox: mailbox,
        MemoryRates: rates,
        Rates: rates,
        Mailer: mailbox,
        Letters: jinja_letters("https://daler.example"),
        BankIdRules: BankIdRules(),
        RelyingParty: PARTY,
        MemoryBankId: bankid,
        BankIdProvider: bankid,
        Clock: clock,
        NewIds: ids,
        Chance: CountedChance(),
        MemoryDatabase: database,
        PasswordHasher: hasher,
        Successors: HmacSuccessors(ring),
        AccessTokens: tokens,
        KeyUses: ListedKeyUses(),
        AccessTokenIssuer: tokens,
        AuditChains: MemoryAuditChains(database.tables.of(AUDIT_CHAINS)),
        ConnectionsReader: MemoryConnectionsReader(database.tables, clock),
        LinkedUp: MemoryLinkedUp(database.tables),
        NoticesReader: MemoryNoticesReader(database.tables),
        ReceiptsReader: MemoryReceiptsReader(database.tables),
        Senders: (senders := Senders(clock)),
        AllWebhooks: senders.webhooks(),
        WebhookMeter: CountedVerdicts(),
        Banks: Banks(dict.fromkeys(Provider, bank)),
        SyncLimits: SyncLimits(pages=4),
        WhatCounts: WhatCounts(),
        Pressure: Pressure(in_all=8, of_provider=5),
        SyncMeter: (counted := ProcessFigures(clock, "this one")),
        ProcessFigures: counted,
        SyncHistory: MemorySyncHistory(database.tables),
        MemoryFigures: (figures := MemoryFigures(database.tables, clock)),
        FiguresReader: figures,
        FiguresStore: figures,
        Rhythm: SIX_HOURLY,
    }
    container = punq.Container()
    for port, instance in instances.items():
        container.register(port, instance=instance)
    for port, adapter in ADAPTERS.items():
        container.register(port, adapter)
    for use_case in USE_CASES:
        container.register(use_case)
    return container
