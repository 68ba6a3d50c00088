"""Passkeys on the wire, in the words of WebAuthn Level 3, section 5.1.8: camel case, base64url.

A page hands `public_key` to `PublicKeyCredential.parseCreationOptionsFromJSON` or
`parseRequestOptionsFromJSON`, and sends back what `toJSON()` of the credential gives. Browsers add
fields to that as they learn more, so there, and only there, unknown fields are not refused.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from application.identity.passkeys.options import CreationOptions, Described, RequestOptions
from application.identity.passkeys.ports import PresentedAssertion, PresentedAttestation
from domain.identity.passkey import RawCredentialId, UserHandle
from domain.shared.errors import FieldProblem
from entrypoints.http.cookies import AsksForCookies
from entrypoints.http.identity import DeviceToken
from entrypoints.http.inputs import BASE64URL_PATTERN, Token
from entrypoints.http.problem import InvalidRequestError

BODY_MAX: Final = 64 * 1024
_CREDENTIAL_ID: Final = 1023
"""Bytes; WebAuthn Level 3, section 7.1. So are the next ones, ours."""
_CLIENT_DATA: Final = 4_096
_ATTESTATION: Final = 16_384
_AUTHENTICATOR_DATA: Final = 4_096
_SIGNATURE: Final = 1_024
_USER_HANDLE: Final = 64
_TRANSPORTS: Final = 16
_WORD: Final = 32
_PUBLIC_KEY: Final = "public-key"


def _text_of(size: int) -> int:
    """How many characters so many bytes take."""
    return -(-size * 4 // 3)


def _coded(size: int) -> msgspec.Meta:
    return msgspec.Meta(pattern=BASE64URL_PATTERN, max_length=_text_of(size))


IdIn = Annotated[str, _coded(_CREDENTIAL_ID)]
ClientDataIn = Annotated[str, _coded(_CLIENT_DATA)]
TransportIn = Annotated[str, msgspec.Meta(max_length=_WORD)]


class AttestationResponse(msgspec.Struct, frozen=True, rename="camel"):
    client_data_json: ClientDataIn = msgspec.field(name="clientDataJSON")
    attestation_object: Annotated[str, _coded(_ATTESTATION)]
    transports: Annotated[tuple[TransportIn, ...], msgspec.Meta(max_length=_TRANSPORTS)] = ()


class AssertionResponse(msgspec.Struct, frozen=True, rename="camel"):
    client_data_json: ClientDataIn = msgspec.field(name="clientDataJSON")
    authenticator_data: Annotated[str, _coded(_AUTHENTICATOR_DATA)]
    signature: Annotated[str, _coded(_SIGNATURE)]
    user_handle: Annotated[str, _coded(_USER_HANDLE)] | None = None


class NewCredential(msgspec.Struct, frozen=True, rename="camel"):
    """`RegistrationResponseJSON`."""

    id: IdIn
    raw_id: IdIn
    type: Literal["public-key"]
    response: AttestationResponse

    def presented(self, at: str = "credential") -> PresentedAttestation:
        """Raises InvalidRequestError; `at` is where it stands in the request."""
        inside = f"{at}.response"
        return PresentedAttestation(
            credential_id=_credential_id(self.id, self.raw_id, at),
            client_data=decoded(self.response.client_data_json, f"{inside}.clientDataJSON"),
            attestation=decoded(self.response.attestation_object, f"{inside}.attestationObject"),
            transports=self.response.transports,
        )


class Credential(msgspec.Struct, frozen=True, rename="camel"):
    """`AuthenticationResponseJSON`."""

    id: IdIn
    raw_id: IdIn
    type: Literal["public-key"]
    response: AssertionResponse

    def presented(self, at: str = "credential") -> PresentedAssertion:
        """Raises InvalidRequestError; `at` is where it stands in the request."""
        inside, said = f"{at}.response", self.response
        handle = None
        if said.user_handle is not None:
            handle = UserHandle(decoded(said.user_handle, f"{inside}.userHandle"))
        return PresentedAssertion(
            credential_id=_credential_id(self.id, self.raw_id, at),
            client_data=decoded(said.client_data_json, f"{inside}.clientDataJSON"),
            authenticator_data=decoded(said.authenticator_data, f"{inside}.authenticatorData"),
            signature=decoded(said.signature, f"{inside}.signature"),
            user_handle=handle,
        )


class PasskeyMade(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: Annotated[str, msgspec.Meta(max_length=240, examples=["Anna's phone"])]
    credential: NewCredential


class PasskeyNamed(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: Annotated[str, msgspec.Meta(max_length=240, examples=["Anna's old phone"])]


class PasskeyForSignIn(AsksForCookies, forbid_unknown_fields=True, frozen=True):
    """`challenge` is the one that came beside `public_key`."""

    challenge: Token
    credential: Credential
    device_token: DeviceToken | None = None


class PasskeyAfterPassword(AsksForCookies, forbid_unknown_fields=True, frozen=True):
    """`challenge` is the one that the password was answered with."""

    challenge: Token
    credential: Credential


class SignInBegun(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    challenge: Token


class PasskeyShown(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    credential: Credential


class Descriptor(msgspec.Struct, frozen=True):
    id: str
    transports: Sequence[str]
    type: Literal["public-key"] = _PUBLIC_KEY

    @classmethod
    def of(cls, described: Described) -> "Descriptor":
        return cls(encoded(described.credential_id), described.transports)


class Party(msgspec.Struct, frozen=True):
    id: str
    name: str


class User(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    name: str
    display_name: str


class KeyParameters(msgspec.Struct, frozen=True):
    alg: int
    type: Literal["public-key"] = _PUBLIC_KEY


class Selection(msgspec.Struct, frozen=True, rename="camel"):
    resident_key: Literal["required"] = "required"
    require_resident_key: bool = True
    user_verification: Literal["required"] = "required"


class PublicKeyCreation(msgspec.Struct, frozen=True, rename="camel"):
    """`PublicKeyCredentialCreationOptionsJSON`."""

    rp: Party
    user: User
    challenge: str
    pub_key_cred_params: Sequence[KeyParameters]
    timeout: int
    """Milliseconds."""
    exclude_credentials: Sequence[Descriptor]
    authenticator_selection: Selection = Selection()
    attestation: Literal["none"] = "none"


class PublicKeyRequest(msgspec.Struct, frozen=True, rename="camel"):
    """`PublicKeyCredentialRequestOptionsJSON`."""

    challenge: str
    timeout: int
    """Milliseconds."""
    rp_id: str
    allow_credentials: Sequence[Descriptor]
    user_verification: Literal["required", "preferred"]


class ToBeMade(msgspec.Struct, frozen=True):
    public_key: PublicKeyCreation
    expires_in: int
    """Seconds from now."""

    @classmethod
    def of(cls, options: CreationOptions) -> "ToBeMade":
        user = User(encoded(options.user_handle), options.account, options.name)
        creation = PublicKeyCreation(
            rp=Party(options.party.id, options.party.name),
            user=user,
            challenge=encoded(options.challenge.reveal().encode()),
            pub_key_cred_params=[KeyParameters(algorithm) for algorithm in options.algorithms],
            timeout=1_000 * options.expires_in_s,
            exclude_credentials=[Descriptor.of(one) for one in options.known],
        )
        return cls(creation, options.expires_in_s)


class ToBeShown(msgspec.Struct, frozen=True):
    challenge: str
    """For who signs in with nothing else: send it back with the credential."""
    public_key: PublicKeyRequest
    expires_in: int
    """Seconds from now."""

    @classmethod
    def of(cls, options: RequestOptions) -> "ToBeShown":
        challenge = options.challenge.reveal()
        request = PublicKeyRequest(
            challenge=encoded(challenge.encode()),
            timeout=1_000 * options.expires_in_s,
            rp_id=options.party.id,
            allow_credentials=[Descriptor.of(one) for one in options.allowed],
            user_verification="required" if options.verified else "preferred",
        )
        return cls(challenge, request, options.expires_in_s)


def encoded(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode()


def decoded(text: str, at: str) -> bytes:
    """Raises InvalidRequestError, naming the field."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise InvalidRequestError(
            FieldProblem(at, "base64url", "this is not base64url as browsers write it")
        ) from error


def _credential_id(plain: str, raw: str, at: str) -> RawCredentialId:
    credential_id = decoded(raw, f"{at}.rawId")
    if decoded(plain, f"{at}.id") != credential_id:
        raise InvalidRequestError(
            FieldProblem(f"{at}.id", "mismatch", "id and rawId are the same, and these differ")
        )
    return RawCredentialId(credential_id)
