from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.identity.bankid import Assurance
from domain.shared.secret import Secret

ALGORITHMS: Final = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
)
"""Those whose keys are public. With HS256 the key would be a secret; with `none` there is none."""
SCOPES: Final = ("openid", "profile")
HIGH: Final = frozenset(("urn:bankid:bid;LOA=4", "idporten-loa-high"))
"""What BankID and ID-porten call the level that eIDAS calls high."""


class Userinfo(StrEnum):
    SIGNED = "signed"
    """BankID's own way: a JWT, verified with the keys of the ID token."""
    PLAIN = "plain"
    """A broker's JSON will do as well; then only TLS vouches for it."""
    OFF = "off"
    """Everything is in the ID token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNames:
    """How the issuer calls what we look for; the first that is there counts."""

    number: tuple[str, ...] = ("nnin_altsub", "nnin")
    birth_date: tuple[str, ...] = ("birthdate",)
    name: tuple[str, ...] = ("name",)
    stable: tuple[str, ...] = ("bankid_altsub",)


@dataclass(frozen=True, slots=True, kw_only=True)
class BankIdSettings:
    """What BankID, ID-porten or a broker has agreed with us."""

    issuer: str
    """Letter by letter as its discovery document says, a slash at the end included."""
    client_id: str
    client_secret: Secret
    redirect_uri: str
    """Registered there, letter by letter."""
    scopes: tuple[str, ...] = SCOPES
    """One that was not agreed on makes the issuer refuse everything."""
    locale: str = "nb"
    algorithms: frozenset[str] = frozenset(("RS256",))
    acr_high: frozenset[str] = HIGH
    acr_substantial: frozenset[str] = frozenset()
    """Empty: only the high level is let in."""
    acr_values: tuple[str, ...] = ()
    """What to ask for; the answer is checked all the same."""
    max_age_s: int | None = 600
    """How long ago the person may have signed in there; None: for as long as the issuer likes."""
    userinfo: Userinfo = Userinfo.SIGNED
    claims: ClaimNames = ClaimNames()
    deadline_s: float = 10.0
    """For everything a person waits for when they are back, however many calls it takes."""

    @property
    def call_s(self) -> float:
        # Half, so that it is the slow call that ends and is counted, not the step around it.
        return self.deadline_s / 2

    def assurance(self, acr: object) -> Assurance | None:
        """What this level means here; None: not enough."""
        if acr in self.acr_high:
            return Assurance.HIGH
        return Assurance.SUBSTANTIAL if acr in self.acr_substantial else None
