from collections.abc import Sequence

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from adapters.memory.connections.rows import ACCESSES
from adapters.memory.database import AUDIT_CHAINS
from adapters.memory.feeds.updates import FEEDS, UPDATES
from application.audit.verify_trail import VerifyTrail
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.gateway import RenewalRequiredError
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.connections.views import NeededAction
from application.identity.signing_in.log_in import LogIn, LogInCommand
from application.identity.signing_in.tokens import SignedIn
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.reading import TransactionView
from application.shared.caller import AccessTokens
from domain.connections.connection import ConnectionStatus
from domain.identity.session import Origin
from domain.ledger.entry import Entry
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import BalanceSeen, Observations, TransactionGone
from domain.shared.secret import Secret
from features.connections.story import Story, banks_of
from features.words import Datatable, payments
from features.world import World
from tests.support.observations import CURRENT, an_account

scenarios("from_bank_to_wallet.feature")

PASSWORD = Secret("four quiet words here")


@pytest.fixture
def story() -> Story:
    return Story()


@given(parsers.parse("{name} has registered and signed in"))
def registered(world: World, name: str) -> None:
    email = f"{name}@example.no".replace("ø", "o")
    profile = world.joins(name, email, PASSWORD)
    signed_in = world.do(world.the(LogIn)(LogInCommand(email, PASSWORD, Origin("phone"))))
    assert isinstance(signed_in, SignedIn)
    world.people[name] = profile.id
    world.signed_in[profile.id] = world.the(AccessTokens).verify(signed_in.access.token)


# What the bank says


@given(parsers.parse('her bank has said that "{account}" holds {amount}'))
def bank_says_balance(world: World, account: str, amount: str) -> None:
    balance = BalanceSeen(Money.parse(amount, "NOK"), None, world.clock.now())
    world.bank.says(Observations(accounts=(an_account(name=account, balance=balance),)))


@given("her bank has said")
def bank_says(world: World, datatable: Datatable) -> None:
    world.bank.says(Observations(transactions=payments(datatable)))


@given(parsers.parse('her bank has said that "{pending}" booked as'))
def bank_books(world: World, pending: str, datatable: Datatable) -> None:
    gone = TransactionGone(CURRENT, ExternalId(pending))
    world.bank.says(Observations(transactions=payments(datatable, pending), gone=(gone,)))


@given("the bank wants her to sign in again")
def wants_sign_in(world: World) -> None:
    world.bank.fetch_troubles = [RenewalRequiredError("tink", "SESSION_EXPIRED")]


# What Anna does


@given("Anna has linked her bank")
def linked(world: World, story: Story) -> None:
    story.link(world)


@given(parsers.parse('Anna has noted "{note}" on "{text}"'), target_fixture="noted")
def has_noted(world: World, note: str, text: str) -> Entry:
    entry = world.entry(text)
    command = EditEntryCommand(world.person("Anna"), entry.id, note=note)
    world.do(world.the(EditEntry)(command))
    return entry


@when("she renews")
def renew(world: World, story: Story) -> None:
    (bank,) = banks_of(world)
    assert bank.needs_action is NeededAction.RENEW
    command = StartRenewalCommand(world.person("Anna"), story.connection_id)
    story.leave(world, world.the(StartRenewal)(command))
    story.come_back(world)
    assert world.refusal is None


@when(parsers.parse("Anna disconnects her bank and {fate} her data"))
def disconnect(world: World, story: Story, fate: str) -> None:
    erase = {"keeps": False, "erases": True}[fate]
    command = DisconnectCommand(world.person("Anna"), story.connection_id, erase=erase)
    world.do(world.the(Disconnect)(command))
    story.asked = len(world.bank.pages_asked)


# What has become of it


@then(parsers.parse('it is the entry that she noted "{note}" on'))
def same_entry(seen: Sequence[TransactionView], noted: Entry, note: str) -> None:
    assert [(one.id, one.note) for one in seen] == [(noted.id, note)]


@then("her bank is no longer asked")
def no_longer_asked(world: World, story: Story) -> None:
    (bank,) = banks_of(world)
    assert bank.status is ConnectionStatus.DISCONNECTED
    assert len(world.bank.revoked) == 1
    assert len(world.bank.pages_asked) == story.asked
    assert world.database.tables.of(ACCESSES) == {}


@then("nothing that it said is left")
def nothing_left(world: World, story: Story) -> None:
    tables = world.database.tables
    assert story.feed_id not in [row.feed_id for row in tables.of(UPDATES).values()]
    assert story.feed_id not in [feed_id for _, feed_id in tables.of(FEEDS)]


@then("her audit trail tells, in order")
def trail_tells(world: World, datatable: Datatable) -> None:
    chain = world.database.tables.of(AUDIT_CHAINS)[world.person("Anna")]
    assert [[entry.action] for entry in chain] == datatable[1:]


@then("her audit trail is whole")
def trail_whole(world: World) -> None:
    assert world.do(world.the(VerifyTrail)()).whole
