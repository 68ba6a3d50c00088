"""Reading the fields of a Plaid request: each reader refuses in Plaid's words."""

import re
from collections.abc import Mapping
from typing import Any

from entrypoints.sandbox.plaid.errors import invalid_field, missing

Body = Mapping[str, Any]
ADDRESS = re.compile(r"https?://[!-~]+")


def words(listed: str) -> frozenset[str]:
    """A vocabulary, written the way one reads it."""
    return frozenset(listed.split())


def text(body: Body, name: str, default: str | None = None) -> str:
    """The text of that name; required unless there is a default. null counts as absent."""
    found = body.get(name)
    if found is None:
        if default is None:
            raise missing(name)
        return default
    if not isinstance(found, str) or (default is None and not found):
        raise invalid_field(f"{name} must be a non-empty string")
    return found


def texts(body: Body, name: str) -> list[str]:
    found = body.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise invalid_field(f"{name} must be an array of strings")
    return found


def integer(body: Body, name: str, default: int, low: int, high: int) -> int:
    found = body.get(name)
    if found is None:
        return default
    if type(found) is not int or not low <= found <= high:
        raise invalid_field(f"{name} must be between {low} and {high}")
    return found


def part(body: Body, name: str) -> Body:
    """The object of that name; an absent one is empty."""
    found = body.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise invalid_field(f"{name} must be an object")
    return found


def address(body: Body, name: str) -> str:
    found = text(body, name, "")
    if found and not ADDRESS.fullmatch(found):
        raise invalid_field(f"{name} must be a valid URI")
    return found
