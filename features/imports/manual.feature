Feature: Keeping one's own accounts
  Cash, a loan among friends: what no bank reports a person writes down themselves.

  Background:
    Given Anna has an account "Cash" with 100.00 NOK

  Scenario: Writing down what was bought
    When she writes down -12.50 NOK for "Coffee" in "Cash"
    Then her account "Cash" holds 87.50 NOK

  Scenario: It was more than that
    Given she has written down -12.50 NOK for "Coffee" in "Cash"
    When she corrects "Coffee" to -15.00 NOK
    Then her account "Cash" holds 85.00 NOK

  Scenario: It was a mistake
    Given she has written down -12.50 NOK for "Coffee" in "Cash"
    When she removes "Coffee"
    Then her account "Cash" holds 100.00 NOK

  Scenario: Money of another currency
    When she writes down -12.50 EUR for "Coffee" in "Cash"
    Then she is told "currency_mismatch"

  Scenario: What the statement says is not hers to change
    Given Anna has imported this list
      | date       | amount  | merchant |
      | 2026-01-01 | -129.90 | Rema     |
    When she corrects "Rema" to -1.00 NOK
    Then she is told "account_fed_by_bank"

  Scenario: Done with it
    Given she has written down -12.50 NOK for "Coffee" in "Cash"
    When she closes "Cash"
    Then she has no account
