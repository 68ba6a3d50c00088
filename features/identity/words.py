"""Who and what a step is about, as scenarios say it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pytest_bdd import parsers

_THEY: Final = {"she": "Anna", "her": "Anna", "he": "Bo", "his": "Bo"}
"""In these features she is Anna and he is Bo; everybody else is called by name."""
_OWNERS: Final = "her|his|Anna's|Bo's|Olga's|the thief's|somebody's"


def _who(text: str) -> str:
    return _THEY.get(text, text.removeprefix("a ").removeprefix("the "))


def _whose(text: str) -> str:
    return _THEY.get(text, _who(text.removesuffix("'s")))


def _device(text: str) -> str:
    owner, _, kind = text.rpartition(" ")
    return f"{_whose(owner)}'s {kind}"


@dataclass(frozen=True, slots=True)
class Word:
    """What may stand in one place of a step, and what it means there."""

    pattern: str
    """Where `parse` looks for it."""
    meaning: Callable[[str], str]

    def __call__(self, text: str) -> str:
        return self.meaning(text)


_WORDS: Final = {
    "Who": Word("Anna|Bo|Olga|she|he|somebody|a thief|the thief", _who),
    "Whose": Word(_OWNERS, _whose),
    "Device": Word(f"(?:{_OWNERS}) (?:phone|laptop|computer)", _device),
}


def owner_of(device: str) -> str:
    return device.partition("'s ")[0]


def said(sentence: str) -> parsers.parse:
    """A step with people (`Who`, `Whose`) and things that sign in (`Device`) in it."""
    return parsers.parse(sentence, extra_types=_WORDS)


TRAIL: Final = {
    "signing up": "identity.registered",
    "signing in": "identity.logged_in",
    "signing out": "identity.logged_out",
    "a refused sign-in": "identity.log_in_refused",
    "a lock": "identity.sign_in_locked",
    "a refresh that was used twice": "identity.refresh_token_reused",
    "a device that was signed out": "identity.session_ended",
    "all other devices that were signed out": "identity.sessions_ended",
    "a changed password": "identity.password_changed",
    "a change of password that was refused": "identity.password_change_refused",
    "a password chosen anew": "identity.password_reset",
    "another address that was asked for": "identity.email_change_asked",
    "another address": "identity.email_changed",
    "an authenticator app": "identity.totp_enabled",
    "an authenticator app that was turned off": "identity.totp_disabled",
    "a refused first code": "identity.totp_refused",
    "a refused second factor": "identity.second_factor_refused",
    "a used recovery code": "identity.recovery_code_used",
    "a proof that was refused": "identity.step_up_refused",
    "a new passkey": "identity.passkey_added",
    "a passkey that was removed": "identity.passkey_removed",
    "a passkey that may have been copied": "identity.passkey_cloned",
    "a verified identity": "identity.verified",
    "a linked BankID": "identity.bankid_linked",
    "a BankID that was refused": "identity.bankid_link_refused",
    "an unlinked BankID": "identity.bankid_unlinked",
    "a new API key": "identity.api_key_created",
    "a revoked API key": "identity.api_key_revoked",
    "a ban": "identity.banned",
    "the end of a ban": "identity.unbanned",
    "an account that was closed for the time being": "identity.locked",
    "an account that was opened again": "identity.unlocked",
    "a new role": "identity.role_changed",
    "somebody who looked": "identity.person_shown",
}
"""What may stand in a person's audit trail."""
