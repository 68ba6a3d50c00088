"""Where the rings are kept: in the secrets file, or in an environment that others change."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from adapters.crypto.keys import KEY_BYTES, Key, KeyRing
from application.secrets.ports import KeyKeeper, Turn
from domain.secrets.errors import RingChangedError
from domain.secrets.ring import Facts, RingName
from domain.shared.secret import Secret
from entrypoints.composition import secrets_file
from entrypoints.composition import settings_values as values
from entrypoints.composition.live_keys import LiveKeys
from entrypoints.composition.settings import RING_SETTINGS, SecretsFile


@dataclass(frozen=True, slots=True)
class KeptKeys(KeyKeeper):
    keys: LiveKeys
    file: SecretsFile | None

    @override
    def ring(self, name: RingName) -> Facts:
        return self.keys.rings[name]().facts

    @override
    def at_once(self, name: RingName) -> bool:
        return self.file is not None and RING_SETTINGS[name] in self.file.rings

    @override
    def put(self, turns: Mapping[RingName, Turn]) -> Mapping[str, Secret]:
        ours = {RING_SETTINGS[name]: turn for name, turn in turns.items() if self.at_once(name)}
        if self.file is not None and ours:
            secrets_file.replace(self.file.path, lambda found: _turned(found, ours))
        return {
            RING_SETTINGS[name]: Secret(_text(self.keys.rings[name](), turn))
            for name, turn in turns.items()
            if not self.at_once(name)
        }


def _turned(found: Mapping[str, str], turns: Mapping[str, Turn]) -> Mapping[str, str]:
    return {name: _text(values.ring(found[name]), turn) for name, turn in turns.items()}


def _text(ring: KeyRing, turn: Turn) -> str:
    if tuple(ring.facts) != tuple(turn.before):
        raise RingChangedError
    known = {key.id: key.secret for key in ring}
    keys = [
        Key(
            facts.id,
            known.get(facts.id) or secrets.token_bytes(KEY_BYTES),
            facts.made,
            facts.retired,
        )
        for facts in turn.after
    ]
    return values.ring_text(KeyRing(tuple(keys)))
