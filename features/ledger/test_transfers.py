from pytest_bdd import given, parsers, scenarios, then, when

from application.ledger.decide_transfer import ConfirmTransfer, TransferCommand, UndoTransfer
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.transfers import TransferListing, TransfersReader
from domain.ledger.transfers import TransferState
from domain.shared.ids import ExternalId, TransferId
from domain.shared.observations import Observations, TransactionGone
from features.world import World

scenarios("transfers.feature")


def listed(world: World, state: TransferState) -> list[TransferListing]:
    reader = world.the(TransfersReader)
    return list(world.do(reader.list(world.claims("Anna"), state, None, 50)))


@given(parsers.parse('Anna\'s bank has taken "{payment}" of "{account}" back'))
def bank_takes_back(world: World, payment: str, account: str) -> None:
    gone = TransactionGone(ExternalId(account), ExternalId(payment))
    world.bank_tells(Observations(gone=(gone,)))


@when(parsers.parse('Anna takes the transfer of "{payment}" apart'))
def takes_apart(world: World, payment: str) -> None:
    transfer = world.entry(payment).transfer
    assert transfer is not None
    world.do(world.the(UndoTransfer)(TransferCommand(world.person("Anna"), transfer.id)))


@when(parsers.parse('Anna puts "{payment}" in "{category}"'))
def puts(world: World, payment: str, category: str) -> None:
    command = EditEntryCommand(world.person("Anna"), world.entry(payment).id, category=category)
    world.do(world.the(EditEntry)(command))
    world.run_jobs()


@when(parsers.parse('Anna confirms that "{sent}" reached "{received}"'))
def confirms(world: World, sent: str, received: str) -> None:
    (wanted,) = (
        one
        for one in listed(world, TransferState.SUGGESTED)
        if (one.sent.text, one.received.text) == (sent, received)
    )
    command = TransferCommand(world.person("Anna"), TransferId(wanted.id))
    world.do(world.the(ConfirmTransfer)(command))


@when(parsers.parse('Anna says that "{one}" and "{other}" are one transfer'))
def says(world: World, one: str, other: str) -> None:
    both = world.entry(one).id, world.entry(other).id
    world.attempt(world.the(MakeTransfer)(MakeTransferCommand(world.person("Anna"), *both)))


@then(parsers.parse('"{sent}" and "{received}" are one transfer'))
def are_one(world: World, sent: str, received: str) -> None:
    pairs = [(one.sent.text, one.received.text) for one in listed(world, TransferState.PAIRED)]
    assert pairs == [(sent, received)]


@then(parsers.parse('"{payment}" is in no transfer'))
def in_none(world: World, payment: str) -> None:
    assert world.entry(payment).transfer is None


@then(parsers.parse("Anna is asked about {count:d} transfers"))
def is_asked(world: World, count: int) -> None:
    assert len(listed(world, TransferState.SUGGESTED)) == count
