from application.ledger.imports import ImportOptions, ImportsReader, StatementImport
from application.ledger.request_import import RequestImport, RequestImportCommand
from features.world import World


def bring_in(
    world: World, file: bytes, options: ImportOptions, name: str = "Anna"
) -> StatementImport:
    """Send the file, let it be read and applied, and see what became of it."""
    person = world.person(name)
    ticket = world.do(world.the(RequestImport)(RequestImportCommand(person, file, options)))
    world.run_jobs()
    return world.do(world.the(ImportsReader).get(person, ticket.import_id))
