Feature: The wallet
  A person wants to know what they have, what they owe, and how the month goes.

  Background:
    Given today is 2026-03-15
    And Anna has the accounts
      | account | kind        | balance   | currency |
      | current | checking    | 20000.00  | NOK      |
      | card    | credit_card | -3000.00  | NOK      |
      | euros   | savings     | 500.00    | EUR      |
    And Anna's bank has told
      | payment   | account | amount    | on         | status  | category        |
      | rent      | current | -9000.00  | 2026-02-01 | booked  | housing.rent    |
      | salary    | current | 40000.00  | 2026-03-05 | booked  | income.salary   |
      | groceries | current | -1500.00  | 2026-03-06 | booked  | food.groceries  |
      | returned  | current | 100.00    | 2026-03-07 | booked  | food.groceries  |
      | to card   | current | -2000.00  | 2026-03-08 | booked  | transfer.card   |
      | paid card | card    | 2000.00   | 2026-03-08 | booked  | transfer.card   |
      | hotel     | card    | -800.00   | 2026-03-14 | pending | travel.lodging  |

  Scenario: What there is and what is owed, currency by currency
    When Anna looks at her wallet
    Then in NOK she has 20000.00, owes -3000.00, and 17000.00 in all
    And in EUR she has 500.00, owes 0.00, and 500.00 in all

  Scenario: This month, without moves between her own accounts
    When Anna looks at her wallet
    Then in NOK this month brought 40000.00 and took -1400.00
    And in NOK -800.00 is under way

  Scenario: Month by month
    When Anna looks at her cash flow
    Then it says
      | month      | income   | spending |
      | 2026-02    | 0.00     | -9000.00 |
      | 2026-03    | 40000.00 | -1400.00 |

  Scenario: How it grew
    When Anna looks at her net worth since 2026-01-01
    Then in NOK it was
      | on         | total     |
      | 2026-01-31 | -12600.00 |
      | 2026-02-28 | -21600.00 |
      | 2026-03-15 | 17000.00  |
