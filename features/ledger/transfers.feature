Feature: Money that only changes its place
  Anna moves money between her own accounts. She has not spent it, and nobody gave it to her.

  Background:
    Given today is 2026-03-15
    And Anna's bank has told
      | payment        | account  | amount   | on         | status | category            |
      | Wages          | current  | 40000.00 | 2026-03-12 | booked | income.salary       |
      | Groceries      | current  | -800.00  | 2026-03-13 | booked | food.groceries      |
      | To savings     | current  | -5000.00 | 2026-03-13 | booked | other.uncategorised |
      | From elsewhere | savings  | 5000.00  | 2026-03-14 | booked | other.uncategorised |

  Scenario: It is neither earned nor spent
    Then "To savings" and "From elsewhere" are one transfer
    When Anna looks at her wallet
    Then in NOK this month brought 40000.00 and took -800.00

  Scenario: It was none, after all
    When Anna takes the transfer of "To savings" apart
    And the house does its work
    Then "To savings" is in no transfer
    When Anna looks at her wallet
    Then in NOK this month brought 45000.00 and took -5800.00

  Scenario: Her own word for it wins
    When Anna puts "To savings" in "family.children"
    And Anna looks at her wallet
    Then in NOK this month brought 40000.00 and took -5800.00

  Scenario: The bank takes one side back
    Given Anna's bank has taken "From elsewhere" of "savings" back
    Then "To savings" is in no transfer

  Scenario: Two that fit as well are for Anna to decide
    Given Anna's bank has told
      | payment   | account | amount  | on         | status | category            |
      | A present | card    | 5000.00 | 2026-03-14 | booked | other.uncategorised |
    Then "To savings" is in no transfer
    And Anna is asked about 2 transfers
    When Anna confirms that "To savings" reached "From elsewhere"
    And the house does its work
    Then "To savings" and "From elsewhere" are one transfer
    And Anna is asked about 0 transfers

  Scenario: Some things cannot be
    When Anna says that "Groceries" and "Wages" are one transfer
    Then she is told "transfer_within_account"
