from dataclasses import dataclass, field

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that must never be printed. Every use is findable: grep for `reveal()`."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    @override
    def __str__(self) -> str:
        return "***"
