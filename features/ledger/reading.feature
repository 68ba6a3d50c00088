Feature: Reading one's money
  A person wants to see every payment once, whatever their banks called it on the way.

  Background:
    Given today is 2026-03-02
    And Anna's bank has told
      | payment   | amount    | on         | status  | category        |
      | rent      | -12000.00 | 2026-02-01 | booked  | housing.rent    |
      | salary    | 45000.00  | 2026-02-25 | booked  | income.salary   |
      | groceries | -640.50   | 2026-03-01 | booked  | food.groceries  |
      | coffee    | -49.00    | 2026-03-02 | pending | food.coffee     |

  Scenario: Newest first, with what is under way
    When Anna looks at her transactions
    Then she sees
      | payment   | amount    | status  |
      | coffee    | -49.00    | pending |
      | groceries | -640.50   | booked  |
      | salary    | 45000.00  | booked  |
      | rent      | -12000.00 | booked  |

  Scenario: A card payment that books with a tip stays one payment
    Given Anna's bank has told that "coffee" booked as
      | payment        | amount | on         | status | category    |
      | coffee and tip | -55.00 | 2026-03-03 | booked | food.coffee |
    When Anna looks at her transactions in "food.coffee"
    Then she sees
      | payment        | amount | status |
      | coffee and tip | -55.00 | booked |

  Scenario: What the bank tells twice is there once
    Given Anna's bank has told the same once more
    When Anna looks at her transactions
    Then she sees 4 transactions

  Scenario: What the bank takes back is gone
    Given Anna's bank has taken "groceries" back
    When Anna looks at her transactions in "food"
    Then she sees
      | payment | amount | status  |
      | coffee  | -49.00 | pending |

  Scenario: Everything of a kind
    When Anna looks at her transactions in "food"
    Then she sees 2 transactions

  Scenario: Page after page
    When Anna turns her transactions over, 3 at a time
    Then she has seen 4 transactions on 2 pages

  Scenario: A kind that there is not
    When Anna looks at her transactions in "food.air"
    Then she is told "unknown_category"

  Scenario: Somebody else's money
    When Bjørn looks at his transactions
    Then he sees 0 transactions
    When Bjørn looks at Anna's "rent"
    Then he is told "transaction_not_found"

  Scenario: After signing out
    Given Anna has signed out
    When Anna looks at her transactions
    Then she is told "session_ended"
