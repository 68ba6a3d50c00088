Feature: The life of a consent
  A consent ends on the bank's own date. Whoever gave it is told in time, once, and keeps everything.

  Background:
    Given Anna's consent at the bank holds for 90 days
    And Anna has linked her bank
    And the bank has said 2 pages
    And the bank was read

  Scenario: Renewing is offered a week before, once
    When 82 days pass
    And the hour strikes
    Then Anna was told nothing
    When 2 days pass
    And the hour strikes
    And the hour strikes
    Then renewing is "offered"
    And Anna was told "renewal_offered"

  Scenario: After a login error the bank is left alone
    Given the bank wants Anna to sign in again
    When Anna asks for a sync
    And the bank is read
    Then renewing is "required"
    And Anna was told "renewal_required"
    When 3 days pass
    And the house does its work
    Then the bank was asked nothing more
    And Anna was told "renewal_required"

  Scenario: A renewal goes on where it ended
    Given the bank wants Anna to sign in again
    And the bank was asked in vain
    When Anna renews her bank
    And the bank is read
    Then her bank is shown as "active"
    And renewing is "none"

  Scenario: A receipt of what went
    When Anna wants her bank and its data gone
    Then Anna was told "disconnected"
    And the receipt is "done"
    And the receipt says that 2 "raw_pages" were "deleted"
    And the receipt says that 1 "access" were "deleted"
