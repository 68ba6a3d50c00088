"""How a person gets in, as their profile shows it: every way, over memory and PostgreSQL."""

from dataclasses import replace
from datetime import datetime

import pytest

from application.identity.ports import IdentityTx
from application.identity.profile.means import Kyc, Means, SignInMeans
from domain.identity.bankid import Assurance, BankIdLink, BankIdLinkId
from domain.identity.passkey import (
    Algorithm,
    Passkey,
    PasskeyId,
    PasskeyName,
    RawCredentialId,
)
from domain.identity.password import CredentialId, PasswordCredential, PasswordHash
from domain.identity.totp import Totp, TotpId
from domain.shared.ids import UserId
from tests.support.staff import StaffWorld


@pytest.fixture
async def anna(world: StaffWorld) -> UserId:
    return await world.person()


async def means(world: StaffWorld, user_id: UserId) -> Means:
    async with world.identity(user_id) as tx:
        return await tx.means.of(user_id)


async def test_who_has_nothing_is_shown_nothing(world: StaffWorld, anna: UserId) -> None:
    assert await means(world, anna) == Means()


async def test_every_way_in_is_shown_and_only_to_its_owner(world: StaffWorld, anna: UserId) -> None:
    bo = await world.person("bo")
    async with world.identity(anna) as tx:
        await _add_everything(world, tx, anna)
        await tx.commit()

    assert await means(world, anna) == Means(
        SignInMeans(password=True, second_factor=True, passkeys=1, bankid=True),
        Kyc.by_bankid(Assurance.HIGH, world.clock.now()),
    )
    assert await means(world, bo) == Means()


async def test_an_app_that_waits_for_its_first_code_is_no_second_factor(
    world: StaffWorld, anna: UserId
) -> None:
    async with world.identity(anna) as tx:
        await tx.totps.put(_totp(world, anna))
        await tx.commit()
    assert await means(world, anna) == Means()

    async with world.identity(anna) as tx:
        await tx.totps.put(replace(_totp(world, anna), confirmed_at=world.clock.now(), last_step=1))
        await tx.commit()
    assert await means(world, anna) == Means(SignInMeans(second_factor=True))


async def test_a_bankid_that_was_unlinked_is_gone_and_what_it_vouched_for_is_not(
    world: StaffWorld, anna: UserId
) -> None:
    link = _link(world, anna)
    async with world.identity(anna) as tx:
        await tx.bankids.put(link)
        await tx.bankids.put(link.unlinked(world.clock.now()))
        await tx.commit()

    vouched = Kyc.by_bankid(Assurance.HIGH, link.verified_at)
    assert await means(world, anna) == Means(SignInMeans(), vouched)


async def test_of_several_proofs_the_surest_counts_and_then_the_latest(
    world: StaffWorld, anna: UserId
) -> None:
    high = await _linked_once(world, anna, Assurance.HIGH)
    assert (await means(world, anna)).kyc == Kyc.by_bankid(Assurance.HIGH, high)
    await _linked_once(world, anna, Assurance.SUBSTANTIAL)
    assert (await means(world, anna)).kyc == Kyc.by_bankid(Assurance.HIGH, high)

    later = await _linked_once(world, anna, Assurance.HIGH)

    assert (await means(world, anna)).kyc == Kyc.by_bankid(Assurance.HIGH, later)


async def _linked_once(world: StaffWorld, anna: UserId, level: Assurance) -> datetime:
    """When it was verified; it was unlinked afterwards."""
    world.clock.forward(hours=1)
    link = replace(_link(world, anna), assurance=level)
    async with world.identity(anna) as tx:
        await tx.bankids.put(link)
        await tx.bankids.put(link.unlinked(world.clock.now()))
        await tx.commit()
    return link.verified_at


async def _add_everything(world: StaffWorld, tx: IdentityTx, anna: UserId) -> None:
    now = world.clock.now()
    await tx.credentials.put(
        PasswordCredential(
            user_id=anna,
            id=CredentialId(world.ids.one()),
            hash=PasswordHash("$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA"),
            created_at=now,
            changed_at=now,
            suffices_alone=True,
        )
    )
    await tx.passkeys.add(
        Passkey(
            user_id=anna,
            id=PasskeyId(world.ids.one()),
            name=PasskeyName("phone"),
            credential_id=RawCredentialId(b"anna's phone"),
            public_key=b"key",
            algorithm=Algorithm.ES256,
            sign_count=0,
            aaguid=None,
            transports=(),
            backup_eligible=False,
            backed_up=False,
            created_at=now,
        )
    )
    await tx.bankids.put(_link(world, anna))


def _totp(world: StaffWorld, anna: UserId) -> Totp:
    token = world.chance.token()
    return Totp.begin(TotpId(world.ids.one()), anna, token, world.clock.now())


def _link(world: StaffWorld, anna: UserId) -> BankIdLink:
    return BankIdLink(
        user_id=anna,
        id=BankIdLinkId(world.ids.one()),
        issuer="https://bankid.example",
        assurance=Assurance.HIGH,
        method="BID",
        verified_at=world.clock.now(),
        linked_at=world.clock.now(),
        number=None,
        born_on=None,
        name=None,
    )
