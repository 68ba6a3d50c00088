Feature: Statements that prove the ledger
  Anna wants to know that nothing is missing, and that what she has checked stays as it was.

  Background:
    Given today is 2026-03-02
    And Anna has imported a list with the balances
      | date       | amount  | text   | balance |
      | 2026-01-05 | -40.00  | Coffee | 60.00   |
      | 2026-01-20 | 1000.00 | Wages  | 1060.00 |
      | 2026-02-10 | -60.00  | Power  | 1000.00 |

  Scenario: What the balances explain is covered
    When Anna looks at what is proved
    Then "2026-01" is "covered"
    And "2026-02" is "missing"

  Scenario: What she deletes is missed, and she is told where to look
    When Anna deletes "Coffee"
    And Anna looks at what is proved
    Then "2026-01" is "mismatched"
    And she is pointed to "deleted"

  Scenario: A closed month stays as it was
    When Anna closes "2026-01"
    And Anna deletes "Coffee"
    Then she is told "month_closed"
    When Anna looks at what is proved
    Then "2026-01" is "covered"

  Scenario: A month without proof stays open
    When Anna closes "2026-02"
    Then she is told "month_not_proved"

  Scenario: What comes late waits for her
    Given Anna has closed "2026-01"
    And Anna has imported a list with the balances
      | date       | amount  | text   | balance |
      | 2026-01-05 | -40.00  | Coffee | 60.00   |
      | 2026-01-20 | 1000.00 | Wages  | 1060.00 |
      | 2026-01-30 | -10.00  | Fee    | 1050.00 |
      | 2026-02-10 | -60.00  | Power  | 990.00  |
    When Anna looks at what is proved
    Then 1 late change waits, and "Fee" is not in her ledger
    When Anna opens "2026-01" again
    And the house does its work
    And Anna looks at what is proved
    Then 0 late changes wait, and "Fee" is in her ledger
