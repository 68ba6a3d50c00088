Feature: How often a bank is read, and what can be looked up of it
  The law lets a bank be looked at four times in 24 hours while nobody is there. A person wants
  to know when their bank was read, what came of it, and when it is read next.

  Background:
    Given Anna has linked her bank
    And the bank was read

  Scenario: Four times a day without her, and no more
    When a program of hers asks for a sync 5 times
    Then 4 of the runs were for "key"
    And the next reading waits for "limit"

  Scenario: She may always ask herself
    When a program of hers asks for a sync 5 times
    And Anna asks for a sync
    And the bank is read
    Then the latest run was for "person" and ended "synced"

  Scenario: What waits for tomorrow is read tomorrow
    When a program of hers asks for a sync 5 times
    And 24 hours pass
    And the bank is read
    Then the latest run was for "key" and ended "synced"

  Scenario: A history that can be read
    Given the bank has said 3 pages
    When Anna asks for a sync
    And the bank is read
    Then the latest run was for "person" and ended "synced"
    And it brought 3 pages and added 3 transactions

  Scenario: An outage can be seen, and that it is over
    Given the provider is down
    When 1 minutes pass
    And Anna asks for a sync
    And the bank is read
    Then the latest run was for "person" and ended "failed"
    And her bank fails since then
    When 20 minutes pass
    And the bank is read
    Then her bank is well again

  Scenario: Asked as often as the provider allows
    Given the provider has been asked as often as it allows
    When Anna asks for a sync
    And the bank is read
    Then her bank is shown as "active"
    And the next reading waits for "provider_limit"
