"""Signing in with a passkey and nothing else."""

from dataclasses import replace

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import AccountNotActiveError
from domain.identity.errors_passkeys import (
    PasskeyClonedError,
    PasskeyRefusedError,
)
from domain.identity.person import PersonStatus
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying
from tests.support.passkeys import PasskeyWorld


async def test_who_we_do_not_know_is_refused(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    stranger, _ = phone.makes(b"x", b"h" * 64)

    with pytest.raises(PasskeyRefusedError) as refused:
        await passkeys.signs_in(phone, stranger)

    assert refused.value.why == "unknown"
    assert await passkeys.living(anna.user_id) == 1


@pytest.mark.parametrize(
    "lie",
    [
        ("origin", lying(origin="https://daler.example")),
        ("type", lying(type="webauthn.create")),
        ("rp_id", lying(rp_id="daler.example")),
        ("challenge", lying(challenge=b"another")),
        ("not_present", lying(present=False)),
        ("not_verified", lying(verified=False)),
        ("signature", lying(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01")),
        ("malformed", lying(authenticator_data=b"")),
        ("user_handle", lying(nameless=True)),
        ("user_handle", lying(user_handle=b"h" * 64)),
        ("user_handle", lying(user_handle=b"h")),
        ("backup_eligibility", lying(eligible=True)),
    ],
)
async def test_every_lie_is_refused_alike_and_noted(
    passkeys: PasskeyWorld,
    anna: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
    lie: tuple[str, software.Lies],
) -> None:
    check, lies = lie
    with pytest.raises(PasskeyRefusedError) as refused:
        await passkeys.signs_in(phone, key, lies)

    assert str(refused.value) == str(PasskeyRefusedError("unknown"))
    action, facts = await passkeys.last(anna.user_id)
    assert (action, facts["check"]) == ("identity.log_in_refused", check)
    assert await passkeys.living(anna.user_id) == 1
    await passkeys.signs_in(phone, key)  # the next honest try is as good as ever


async def test_anothers_key_pair_under_ones_own_name_is_refused(
    passkeys: PasskeyWorld,
    bjorn: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
) -> None:
    """Bjorn's device says that it is Anna, or names her credential and signs with his."""
    his, _ = await passkeys.registers(bjorn, phone)

    for lies in (
        lying(user_handle=key.user_handle),
        lying(credential_id=key.credential_id),
        lying(credential_id=key.credential_id, user_handle=key.user_handle),
    ):
        with pytest.raises(PasskeyRefusedError):
            await passkeys.signs_in(phone, his, lies)


@pytest.mark.parametrize("counter", [0, 1])
async def test_a_copied_passkey_is_refused_and_its_person_told(
    passkeys: PasskeyWorld,
    anna: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
    counter: int,
) -> None:
    await passkeys.letters()
    with pytest.raises(PasskeyClonedError):
        await passkeys.signs_in(phone, key, lying(sign_count=counter))

    assert (await passkeys.acts(anna.user_id))[-2:] == [
        "identity.passkey_cloned",
        "identity.log_in_refused",
    ]
    assert await passkeys.letters() == ["passkey_cloned"]
    assert await passkeys.living(anna.user_id) == 1
    [view] = await passkeys.lists(anna)
    assert view.last_used_at is None


async def test_a_synced_passkey_never_counts(passkeys: PasskeyWorld, anna: SignedIn) -> None:
    cloud = Authenticator(synced=True)
    made, view = await passkeys.registers(anna, cloud)

    await passkeys.signs_in(cloud, made)
    await passkeys.signs_in(cloud, made)

    assert view.synced
    assert (await passkeys.lists(anna))[0].last_used_at == passkeys.identity.clock.now()


async def test_who_may_not_sign_in_may_not_with_a_passkey_either(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    async with passkeys.identity.begin(anna.user_id) as tx:
        person = await tx.people.hold(anna.user_id)
        await tx.people.save(replace(person, status=PersonStatus.BANNED))
        await tx.commit()

    with pytest.raises(AccountNotActiveError):
        await passkeys.signs_in(phone, key)

    action, facts = await passkeys.last(anna.user_id)
    assert (action, facts["why"]) == ("identity.log_in_refused", "account_not_active")
