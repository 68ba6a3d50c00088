"""What is sealed lies where the list of sealed columns says, and is bound to what it says."""

from typing import Final

import pytest

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.postgres.secrets.sealed_columns import SEALED
from tests.contract.secrets.world import context_of
from tests.security.town import Days

pytestmark = pytest.mark.postgres

ELSEWHERE: Final = {
    "bankid_links.born_on",
    "bankid_links.name",
    "bankid_links.number",
    "sign_in_challenges.origin",
    "totps.secret",
    "webhook_deliveries.body",
}
"""Nobody in town has these; tests/contract/secrets/test_bindings.py looks at them."""


def test_every_sealed_value_opens_as_the_list_says(days: Days) -> None:
    """A job that re-encrypts goes by that list: what it misses is lost with its key."""
    settings = days.town.settings
    cipher = aes_gcm_cipher(settings.encryption_keys, settings.lookup_key.secret)
    found = set()
    for one in SEALED:
        statement = f"select * from {one.table} where {one.column} is not null"  # noqa: S608
        for row in days.run(days.town.admin.fetch(statement)):
            assert cipher.open(row[one.column], context_of(one, dict(row))), one.name
            found.add(one.name)
    assert {one.name for one in SEALED} - found <= ELSEWHERE
