"""Keys: turning, taking along, and looking after them."""

from dishka import Provider, Scope, provide

from adapters.postgres.database import Database
from adapters.postgres.secrets.begin import BeginPostgresSecretsTx, PostgresOwners
from application.secrets.check_keys import CheckKeys
from application.secrets.count_uses import CountUses
from application.secrets.ports import BeginSecretsTx, KeyKeeper, Owners
from application.secrets.record_act import RecordAct
from application.secrets.reseal import Reseal
from application.secrets.retire_encryption_keys import RetireEncryptionKeys
from application.secrets.rotate_encryption import RotateEncryption
from application.secrets.rotate_token_keys import RotateTokenKeys
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from entrypoints.composition.kept_keys import KeptKeys
from entrypoints.composition.live_keys import LiveKeys
from entrypoints.composition.settings import Settings


class SecretsHandlers(Provider):
    """Needs the ports below, and Clock."""

    scope = Scope.APP

    count = provide(CountUses)
    check = provide(CheckKeys)
    rotate_tokens = provide(RotateTokenKeys)
    rotate_encryption = provide(RotateEncryption)
    retire = provide(RetireEncryptionKeys)
    record = provide(RecordAct)

    @provide
    def reseal(
        self, keeper: KeyKeeper, begin: BeginSecretsTx, owners: Owners, clock: Clock
    ) -> Reseal:
        return Reseal(keeper, begin, owners, clock)


class PostgresSecrets(Provider):
    """Needs Settings, LiveKeys, Database and Cipher."""

    scope = Scope.APP

    owners = provide(PostgresOwners, provides=Owners)

    @provide
    def keeper(self, settings: Settings, keys: LiveKeys) -> KeyKeeper:
        return KeptKeys(keys, settings.secrets_file)

    @provide
    def begin(self, database: Database, cipher: Cipher, keys: LiveKeys) -> BeginSecretsTx:
        return BeginPostgresSecretsTx(database, cipher, keys.encryption)
