"""Account numbers, which both providers show: an account is the same whoever reads it."""

from entrypoints.sandbox.tokens import Names


def account_number(names: Names, index: int) -> str:
    """A Norwegian account number with a true check digit."""
    ten = [9, 7, 1, 0] + [int(names.hex("number", index)[i], 16) % 10 for i in range(6)]
    while True:
        rest = -sum(w * d for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), ten, strict=True)) % 11
        if rest != 10:  # noqa: PLR2004 the one remainder with no digit
            return "".join(map(str, ten)) + str(rest)
        ten[-1] = (ten[-1] + 1) % 10


def iban(number: str) -> str:
    check = 98 - int(number + "232400") % 97
    return f"NO{check:02}{number}"
