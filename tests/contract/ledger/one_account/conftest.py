from tests.contract.ledger.conftest import memory, postgres, world

__all__ = ["memory", "postgres", "world"]
