"""What every store of passkeys promises."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors_passkeys import (
    PasskeyRefusedError,
)
from domain.identity.passkey import (
    Algorithm,
    Attested,
    Passkey,
    PasskeyId,
    PasskeyName,
    RawCredentialId,
)
from domain.shared.errors import DalerError
from tests.support.authenticator import Authenticator
from tests.support.passkeys import PasskeyWorld


async def test_what_goes_in_comes_out_whole(
    passkeys: PasskeyWorld, anna: SignedIn, bjorn: SignedIn
) -> None:
    full = Passkey.register(
        passkey_id=PasskeyId(UUID(int=77)),
        user_id=anna.user_id,
        name=PasskeyName("Nøkkel på mobilen"),
        attested=Attested(
            credential_id=RawCredentialId(bytes(range(256)) * 3),
            public_key=b"\x00key\xff",
            algorithm=Algorithm.RS256,
            sign_count=2**32 - 1,
            aaguid=UUID(int=9),
            backup_eligible=True,
            backed_up=True,
        ),
        transports=("usb", "nfc"),
        now=passkeys.identity.clock.now(),
    )
    bare = replace(
        full,
        id=PasskeyId(UUID(int=78)),
        credential_id=RawCredentialId(b"\x00"),
        aaguid=None,
        transports=(),
        sign_count=0,
        created_at=full.created_at + timedelta(seconds=1),
        last_used_at=full.created_at + timedelta(days=1),
    )
    async with passkeys.identity.begin(anna.user_id) as tx:
        for passkey in (full, bare):
            await tx.passkeys.add(passkey)
        await tx.commit()

    async with passkeys.identity.begin(anna.user_id) as tx:
        assert await tx.passkeys.all() == [full, bare]
        assert await tx.passkeys.count() == 2
        assert await tx.passkeys.get(bare.id) == bare
        assert await tx.passkeys.by_credential(full.credential_id) == full
        await tx.passkeys.save(replace(full, sign_count=0, backed_up=False))
        await tx.commit()
    async with passkeys.identity.begin(anna.user_id) as tx:
        assert await tx.passkeys.get(full.id) == replace(full, sign_count=0, backed_up=False)
    async with passkeys.identity.begin(bjorn.user_id) as tx:
        assert await tx.passkeys.all() == []
        assert await tx.passkeys.by_credential(full.credential_id) is None
    assert await passkeys.directory.owner_of_passkey(full.credential_id) == anna.user_id
    assert await passkeys.directory.owner_of_passkey(RawCredentialId(b"none")) is None


async def test_nothing_is_kept_without_a_commit(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    made, view = await passkeys.registers(anna, phone)
    async with passkeys.identity.begin(anna.user_id) as tx:
        await tx.passkeys.remove(await tx.passkeys.get(view.id))

    await passkeys.signs_in(phone, made)


async def test_a_refusal_says_nothing_of_why() -> None:
    said: set[str] = {str(PasskeyRefusedError(why)) for why in ("unknown", "signature")}
    assert len(said) == 1
    assert issubclass(PasskeyRefusedError, DalerError)
