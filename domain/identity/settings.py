"""What people choose about how Daler speaks to them: language, clock, money, and which news."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Self

from domain.identity.person import Locality
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.money import MINOR_DIGITS

_NORDIC: Final = ("nb-NO", "nn-NO", "se-NO", "sv-SE", "sv-FI", "da-DK", "fi-FI", "is-IS")
_WESTERN: Final = ("en-GB", "en-US", "en-IE", "de-DE", "de-AT", "nl-NL", "nl-BE", "fr-FR", "fr-BE")
_OTHERS: Final = ("es-ES", "it-IT", "pt-PT", "pl-PL", "et-EE", "lv-LV", "lt-LT")
LOCALES: Final = (*_NORDIC, *_WESTERN, *_OTHERS)
"""BCP 47 tags of the languages and regions that texts and figures can be written for."""
_BY_SPELLING: Final = MappingProxyType({tag.casefold(): tag for tag in LOCALES})


class Notice(StrEnum):
    """What there is to be told about."""

    SECURITY = "security"
    SYNC_PROBLEMS = "sync_problems"
    CONSENT_EXPIRY = "consent_expiry"
    WEEKLY_SUMMARY = "weekly_summary"
    PRODUCT_NEWS = "product_news"


class Channel(StrEnum):
    EMAIL = "email"
    IN_APP = "in_app"


ALWAYS_ON: Final = frozenset({Notice.SECURITY})
"""Whoever took over an account must not be able to keep that from its owner."""

_EVERYWHERE: Final = frozenset(Channel)
DEFAULTS: Final[Mapping[Notice, frozenset[Channel]]] = MappingProxyType(
    {
        Notice.SECURITY: _EVERYWHERE,
        Notice.SYNC_PROBLEMS: frozenset({Channel.IN_APP}),
        Notice.CONSENT_EXPIRY: _EVERYWHERE,
        Notice.WEEKLY_SUMMARY: frozenset({Channel.IN_APP}),
        # Marketing by e-mail needs a yes beforehand (markedsføringsloven § 15).
        Notice.PRODUCT_NEWS: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has decided; whatever they have not follows the defaults, also later on."""

    made: Mapping[tuple[Notice, Channel], bool] = field(default_factory=dict)

    def wants(self, notice: Notice, channel: Channel) -> bool:
        if notice in ALWAYS_ON:
            return True
        return self.made.get((notice, channel), channel in DEFAULTS[notice])

    def changed(self, to: Mapping[tuple[Notice, Channel], bool]) -> Self:
        """Raises InvalidFieldsError when something is turned off that must stay on."""
        refused = [(n, c) for (n, c), wanted in to.items() if n in ALWAYS_ON and not wanted]
        if refused:
            raise InvalidFieldsError(*(_must_stay(n, c) for n, c in sorted(refused)))
        chosen = {key: wanted for key, wanted in to.items() if key[0] not in ALWAYS_ON}
        return type(self)({**self.made, **chosen})


def choose_locality(
    now: Locality,
    zones: Collection[str],
    *,
    locale: str | None = None,
    time_zone: str | None = None,
    currency: str | None = None,
) -> Locality:
    """The present one with what was chosen; None leaves a part as it is.

    `zones` are the names of the IANA time zone database that are known here.

    Raises:
        InvalidFieldsError: with everything that is wrong.
    """
    problems: list[FieldProblem] = []
    tag = now.locale if locale is None else _BY_SPELLING.get(locale.casefold())
    if tag is None:
        said = f"choose one of {', '.join(LOCALES)}"
        problems.append(FieldProblem("locale", "unknown_locale", said))
    if time_zone is not None and time_zone not in zones:
        said = "write the name of a time zone such as Europe/Oslo"
        problems.append(FieldProblem("time_zone", "unknown_time_zone", said))
    if currency is not None and currency not in MINOR_DIGITS:
        said = "write an ISO 4217 currency code such as NOK"
        problems.append(FieldProblem("currency", "unknown_currency", said))
    if problems or tag is None:
        raise InvalidFieldsError(*problems)
    return Locality(tag, time_zone or now.time_zone, currency or now.currency)


def _must_stay(notice: Notice, channel: Channel) -> FieldProblem:
    where = f"notifications.{notice}.{channel}"
    return FieldProblem(where, "always_on", f"{notice} notices cannot be turned off")
