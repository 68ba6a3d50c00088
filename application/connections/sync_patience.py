"""How soon to look again for what the provider has not got yet."""

from typing import Final

_PATIENCE_S: Final = (2, 4, 8, 16, *[30] * 20)
"""Soon at first, as it mostly is."""
_LONG_PATIENCE_S: Final = 300
LOOKS_MAX: Final = len(_PATIENCE_S)
"""Some ten minutes: a history that takes longer is told of, or found by the rhythm."""


def wait_s(waited: int) -> int:
    """Seconds, after having looked so often in vain."""
    return _PATIENCE_S[waited] if waited < len(_PATIENCE_S) else _LONG_PATIENCE_S
