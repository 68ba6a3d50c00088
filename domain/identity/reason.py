from enum import StrEnum


class Reason(StrEnum):
    """Why somebody was kept out, in words that may stand in an audit trail for years."""

    SUSPECTED_FRAUD = "suspected_fraud"
    ACCOUNT_AT_RISK = "account_at_risk"
    TERMS_BROKEN = "terms_broken"
    LEGAL_ORDER = "legal_order"
    ASKED_BY_PERSON = "asked_by_person"
    OTHER = "other"
