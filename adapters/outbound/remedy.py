"""What a provider's code asks of us: one word for it, whoever the provider is.

docs/providers.md has both tables, from codes to these words and from these words to what becomes
of a connection; tests/providers compare them with what the adapters do.
"""

from enum import StrEnum


class Remedy(StrEnum):
    READ = "read"
    """Nothing is wrong, or nothing that would keep us from reading on."""
    LOOK_AGAIN = "look_again"
    """The provider is still collecting. No failure: ask again in some seconds."""
    RETRY = "retry"
    """The bank, the provider or this request had an accident: ask again, less and less often."""
    SLOW_DOWN = "slow_down"
    """We ask too often: not again before the limit has refilled."""
    BEGIN_AFRESH = "begin_afresh"
    """What was read of this update is void: drop it, and begin where the last whole one ended."""
    SIGN_IN = "sign_in"
    """Only the person can go on, by signing in at their bank. Nobody asks until then."""
    TELL = "tell"
    """This link gives nothing, whoever signs in. Nobody asks; the person has to know."""
    LINK_ANEW = "link_anew"
    """The link is gone at the provider. Nobody asks; its access is forgotten."""
    ALARM = "alarm"
    """The provider refuses this installation: an administrator must act, and calls pause."""
    LINK_AGAIN = "link_again"
    """What came back from linking is used up or too old: the person begins linking again."""
