"""Anna and Bjorn, and a phone that makes passkeys; over memory or PostgreSQL."""

import pytest

from application.identity.signing_in.tokens import SignedIn
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator
from tests.support.identity import World
from tests.support.passkeys import PasskeyWorld, passkeys_over

BJORN = "bjorn@example.no"


@pytest.fixture
def passkeys(world: World) -> PasskeyWorld:
    return passkeys_over(world)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


@pytest.fixture
async def anna(passkeys: PasskeyWorld) -> SignedIn:
    await passkeys.identity.registers()
    return await passkeys.identity.logs_in()


@pytest.fixture
async def bjorn(passkeys: PasskeyWorld) -> SignedIn:
    await passkeys.identity.registers(BJORN, name="Bjorn Dal")
    return await passkeys.identity.logs_in(BJORN)


@pytest.fixture
async def key(passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator) -> software.Passkey:
    """Anna's, on her phone."""
    made, _ = await passkeys.registers(anna, phone)
    return made
