Feature: Letting go of a bank
  A person may withdraw at any time; the bank is told first, and nothing is read afterwards.

  Background:
    Given Anna has linked her bank
    And the bank has said 3 pages
    And the bank was read

  Scenario: Keeping what was read
    When Anna disconnects her bank and keeps her data
    Then the provider was told
    And what opened the bank is forgotten
    And update 1 has 3 pages

  Scenario: Erasing what was read
    When Anna disconnects her bank and erases her data
    Then the provider was told
    And there is no update

  Scenario: Erasing it later
    Given Anna disconnects her bank and keeps her data
    When Anna disconnects her bank and erases her data
    Then there is no update

  Scenario: The provider is down
    Given the provider is down for withdrawals
    When Anna disconnects her bank and keeps her data
    Then her bank is shown as "disconnecting"
    When 20 minutes pass
    And the house does its work
    Then her bank is shown as "disconnected"

  Scenario: Nothing is read afterwards
    Given Anna disconnects her bank and keeps her data
    When 2 days pass
    And the house does its work
    Then the bank was not asked again
    When Anna asks for a sync
    Then she is told "connection_ended"
