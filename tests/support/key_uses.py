from dataclasses import dataclass, field

from typing_extensions import override

from application.identity.api_keys.ports import KeyUses
from application.shared.caller import Claims


@dataclass(slots=True)
class ListedKeyUses(KeyUses):
    """Told, and not written anywhere."""

    noted: list[Claims] = field(default_factory=list)

    @override
    def note(self, claims: Claims) -> None:
        self.noted.append(claims)
