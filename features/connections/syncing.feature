Feature: Reading a linked bank
  A person wants yesterday's payments without doing anything, each of them exactly once.

  Background:
    Given Anna has linked her bank

  Scenario: New payments appear
    Given the bank has said
      | payment   | amount  |
      | groceries | -129.90 |
      | salary    | 31000   |
    When the bank is read
    Then update 1 says
      | payment   | amount   |
      | groceries | -129.90  |
      | salary    | 31000.00 |

  Scenario: Only news is told
    Given the bank has said
      | payment   | amount  |
      | groceries | -129.90 |
    And the bank was read
    And the bank has said
      | payment | amount |
      | coffee  | -45    |
    When Anna asks for a sync
    And the bank is read
    Then update 2 says
      | payment | amount |
      | coffee  | -45.00 |

  Scenario: Nothing to say
    When the bank is read
    Then there is no update

  Scenario: The lights go out while the bank is read
    Given the bank has said 40 pages
    And the lights go out after 20 of them
    When 1 minutes pass
    And the bank is read
    Then update 1 has 40 pages
    And no page was asked for twice

  Scenario: The provider changes its mind half-way
    Given the bank has said 20 pages
    And the provider changes its mind after 12 of them
    When the bank is read
    Then update 1 has 20 pages
    And there is no update 2

  Scenario: The provider is down
    Given the provider is down
    When the bank is read
    Then her bank is shown as "degraded"
    When 20 minutes pass
    And the bank is read
    Then her bank is shown as "active"

  Scenario: The bank's figures are not there yet
    Given the provider is not ready yet
    And the bank has said
      | payment   | amount  |
      | groceries | -129.90 |
    When the bank is read
    Then there is no update
    When 1 minutes pass
    And the bank is read
    Then update 1 has 1 pages

  Scenario: Without anybody asking
    Given the bank was read
    And the bank has said
      | payment   | amount  |
      | groceries | -129.90 |
    When 6 hours pass
    And the bank is read
    Then update 1 has 1 pages

  Scenario: Asking while the bank is being read
    When Anna asks for a sync while the bank is read
    Then another reading follows
