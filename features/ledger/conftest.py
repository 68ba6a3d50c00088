from pytest_bdd import given

from domain.shared.observations import Observations
from features.words import Datatable, payments
from features.world import World


@given("Anna's bank has told", target_fixture="told")
def bank_has_told(world: World, datatable: Datatable) -> Observations:
    said = Observations(transactions=payments(datatable))
    world.bank_tells(said)
    return said
