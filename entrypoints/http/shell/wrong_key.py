"""Which entry of a free mapping is wrong: msgspec only says that one of them is."""

from typing import Any, Final

import msgspec

from entrypoints.http.shell.explain import STEP, WHERE

NAMELESS: Final = "[...]"
BODY_MAX: Final = 64 * 1024
KEYS_MAX: Final = 64
"""Each is tried by itself, so larger ones are left unnamed."""


def wrong_keys(message: str, body: bytes, declared: object) -> tuple[str, ...]:
    """The keys that msgspec's message calls `[...]`, from the outside in, as far as it is known."""
    where = WHERE.search(message)
    if where is None or declared is None or len(body) > BODY_MAX:
        return ()
    path = where["path"] + (NAMELESS if where["key"] else "")
    if NAMELESS not in path:
        return ()
    try:
        whole = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ()  # such as 1e999, which is out of range for whatever is wanted
    here, found = whole, []
    for step in STEP.finditer(path):
        if step[0] == NAMELESS:
            key = _narrowed(whole, here, message, declared)
            if key is None:
                break
            found.append(key)
            # Of a key that is wrong itself there is nothing further in.
            here = here[key]
        else:
            here = here[step[1] if step[1] is not None else int(step[0][1:-1])]
    return tuple(found)


def _narrowed(whole: object, mapping: Any, message: str, declared: Any) -> str | None:  # noqa: ANN401
    """The key that brings the message about; `mapping`, a part of `whole`, is left with it."""
    if not isinstance(mapping, dict) or len(mapping) > KEYS_MAX:
        return None
    for key, value in list(mapping.items()):
        mapping.clear()
        mapping[key] = value
        try:
            msgspec.convert(whole, declared)
        except msgspec.ValidationError as error:
            if str(error) == message:
                return str(key)
    return None
