"""WebAuthn over py_webauthn.

The library decides. Before it sees anything, everything that strangers sent has been looked over
here: so that it meets nothing it was not written for, and so that a refusal has a reason in one
word.
"""

from dataclasses import dataclass
from typing import Final

import cbor2
from typing_extensions import override
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

from adapters.passkeys.authenticator_data import AuthenticatorData, AuthenticatorDataError
from adapters.passkeys.cbor import BadCborError, end_of_item
from adapters.passkeys.client_data import CREATE, GET, ClientDataError, answers, challenge_in
from adapters.passkeys.cose import BadKeyError, algorithm_of
from application.identity.passkeys.ports import (
    PasskeyVerifier,
    PresentedAssertion,
    PresentedAttestation,
    RelyingParty,
)
from domain.identity.errors_passkeys import PasskeyRefusedError, PasskeyUnacceptableError
from domain.identity.passkey import Algorithm, Asserted, Attested, Passkey
from domain.shared.secret import Secret

_ALGORITHMS: Final = [COSEAlgorithmIdentifier(algorithm) for algorithm in Algorithm]
_SELF_ATTESTED: Final = {"alg", "sig"}
_TOLD: Final = {
    "malformed": "it is not what a browser makes; ask for new options and try again",
    "type": "it was made for something else; ask for new options and try again",
    "challenge": "it answers another challenge; ask for new options and try again",
    "origin": "it was made on a page that is not ours",
    "cross_origin": "it was made inside somebody else's page",
    "rp_id": "it was made for another site",
    "not_present": "nobody confirmed it on the device",
    "not_verified": "the device did not verify you; set up a PIN, a finger or a face there",
    "attestation": "it brings an attestation, and none was asked for",
    "algorithm": "it signs in a way that is not supported (ES256, EdDSA and RS256 are)",
    "signature": "its own signature does not hold",
}


class _UnusableError(Exception):
    """`why` in one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


_NOTICED: Final = (ClientDataError, AuthenticatorDataError, _UnusableError)
# What the library lets through of `cryptography` and its own, when a signature is none at all.
_REFUSED: Final = (WebAuthnException, ValueError, TypeError, LookupError)


@dataclass(frozen=True, slots=True)
class WebauthnVerifier(PasskeyVerifier):
    party: RelyingParty

    @override
    def challenge_in(self, client_data: bytes) -> Secret | None:
        found = challenge_in(client_data)
        return Secret(found.decode()) if found and found.isascii() else None

    @override
    def attested(self, presented: PresentedAttestation, challenge: Secret) -> Attested:
        try:
            return self._attested(presented, challenge.reveal().encode())
        except _NOTICED as error:
            raise PasskeyUnacceptableError(error.why, _TOLD[error.why]) from error

    @override
    def asserted(
        self, presented: PresentedAssertion, challenge: Secret, passkey: Passkey, *, verified: bool
    ) -> Asserted:
        asked = challenge.reveal().encode()
        try:
            answers(presented.client_data, GET, asked, self.party.origins)
            said = AuthenticatorData.read(presented.authenticator_data)
            said.ensure(self.party.id, verified=verified)
            self._ensure_signed(presented, asked, passkey)
        except _NOTICED as error:
            raise PasskeyRefusedError(error.why) from error
        return Asserted(
            sign_count=said.sign_count,
            backup_eligible=said.backup_eligible,
            backed_up=said.backed_up,
        )

    def _attested(self, presented: PresentedAttestation, asked: bytes) -> Attested:
        answers(presented.client_data, CREATE, asked, self.party.origins)
        said = AuthenticatorData.read(_authenticator_data_in(presented.attestation))
        said.ensure(self.party.id, verified=True)
        if said.credential_id is None or said.credential_id != presented.credential_id:
            raise _UnusableError("malformed")
        try:
            algorithm = algorithm_of(said.public_key)
        except BadKeyError as error:
            raise _UnusableError("algorithm") from error
        return Attested(
            credential_id=said.credential_id,
            public_key=self._registered(presented, asked),
            algorithm=algorithm,
            sign_count=said.sign_count,
            aaguid=said.aaguid,
            backup_eligible=said.backup_eligible,
            backed_up=said.backed_up,
        )

    def _registered(self, presented: PresentedAttestation, asked: bytes) -> bytes:
        """The library's word on a new key pair: its public key."""
        try:
            return verify_registration_response(
                credential=RegistrationCredential(
                    id=bytes_to_base64url(presented.credential_id),
                    raw_id=presented.credential_id,
                    response=AuthenticatorAttestationResponse(
                        client_data_json=presented.client_data,
                        attestation_object=presented.attestation,
                    ),
                ),
                expected_challenge=asked,
                expected_rp_id=self.party.id,
                expected_origin=list(self.party.origins),
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            ).credential_public_key
        except _REFUSED as error:
            raise _UnusableError("signature") from error

    def _ensure_signed(self, presented: PresentedAssertion, asked: bytes, passkey: Passkey) -> None:
        """The library's word on a signature."""
        try:
            verify_authentication_response(
                credential=AuthenticationCredential(
                    id=bytes_to_base64url(presented.credential_id),
                    raw_id=presented.credential_id,
                    response=AuthenticatorAssertionResponse(
                        client_data_json=presented.client_data,
                        authenticator_data=presented.authenticator_data,
                        signature=presented.signature,
                    ),
                ),
                expected_challenge=asked,
                expected_rp_id=self.party.id,
                expected_origin=list(self.party.origins),
                credential_public_key=passkey.public_key,
                # The passkey judges its counter itself, and can say so.
                credential_current_sign_count=0,
            )
        except _REFUSED as error:
            raise _UnusableError("signature") from error


def _authenticator_data_in(attestation: bytes) -> bytes:
    """Only what comes unattested, as we ask for, or attested by the new key itself.

    Browsers take other attestations away when none is asked for. Whoever brings one all the same
    would have us read certificates that say nothing to us.
    """
    try:
        if end_of_item(attestation) != len(attestation):
            raise _UnusableError("malformed")
        whole = cbor2.loads(attestation, allow_indefinite=False, allow_duplicate_keys=False)
    except (BadCborError, cbor2.CBORDecodeError, ValueError) as error:
        raise _UnusableError("malformed") from error
    if not isinstance(whole, dict):
        raise _UnusableError("malformed")
    kind, statement, data = whole.get("fmt"), whole.get("attStmt"), whole.get("authData")
    if not isinstance(statement, dict) or not isinstance(data, bytes):
        raise _UnusableError("malformed")
    bare = kind == "none" and not statement
    by_itself = kind == "packed" and set(statement) == _SELF_ATTESTED
    if not bare and not by_itself:
        raise _UnusableError("attestation")
    return data
