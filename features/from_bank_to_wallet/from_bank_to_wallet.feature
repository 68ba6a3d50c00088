Feature: From a bank to the wallet
  A person signs up, links a bank, and from then on sees all their money without doing anything
  more: every payment once, and nothing that they have not agreed to.

  Background:
    Given today is 2026-03-02
    And Anna has registered and signed in
    And her bank has said that "Everyday" holds 20000.00
    And her bank has said
      | payment | amount    | on         | status  | category         |
      | rent    | -12000.00 | 2026-02-01 | booked  | housing.rent     |
      | salary  | 45000.00  | 2026-03-01 | booked  | income.salary    |
      | dinner  | -400.00   | 2026-03-02 | pending | food.restaurants |
    And Anna has linked her bank
    And the house has done its work

  Scenario: Everything is there by itself
    When Anna looks at her transactions
    Then she sees
      | payment | amount    | status  |
      | dinner  | -400.00   | pending |
      | salary  | 45000.00  | booked  |
      | rent    | -12000.00 | booked  |
    When Anna looks at her wallet
    Then in NOK she has 20000.00, owes 0.00, and 20000.00 in all
    And in NOK this month brought 45000.00 and took 0.00
    And in NOK -400.00 is under way

  Scenario: And so is what happens later
    Given her bank has said that "Everyday" holds 19500.00
    And her bank has said
      | payment   | amount  | on         | status | category       |
      | groceries | -500.00 | 2026-03-02 | booked | food.groceries |
    When 5 hours pass
    And the house does its work
    And Anna looks at her transactions
    Then she sees 3 transactions
    When 1 hours pass
    And the house does its work
    And Anna looks at her transactions
    Then she sees 4 transactions
    When Anna looks at her wallet
    Then in NOK she has 19500.00, owes 0.00, and 19500.00 in all
    And in NOK this month brought 45000.00 and took -500.00

  Scenario: A card hold books with a tip and stays one entry
    Given Anna has noted "with Kari" on "dinner"
    And her bank has said that "dinner" booked as
      | payment        | amount  | on         | status | category         |
      | dinner and tip | -450.00 | 2026-03-03 | booked | food.restaurants |
    And her bank has said that "Everyday" holds 19550.00
    When 6 hours pass
    And the house does its work
    And Anna looks at her transactions in "food"
    Then she sees
      | payment        | amount  | status |
      | dinner and tip | -450.00 | booked |
    And it is the entry that she noted "with Kari" on
    When Anna looks at her wallet
    Then in NOK she has 19550.00, owes 0.00, and 19550.00 in all
    And in NOK this month brought 45000.00 and took -450.00
    And in NOK 0.00 is under way

  Scenario: The bank wants her back, and nothing is lost meanwhile
    Given the bank wants her to sign in again
    And her bank has said
      | payment   | amount  | on         | status | category       |
      | groceries | -500.00 | 2026-03-02 | booked | food.groceries |
    When 6 hours pass
    And the house does its work
    And Anna looks at her transactions
    Then she sees 3 transactions
    When she renews
    And the house does its work
    And Anna looks at her transactions
    Then she sees 4 transactions

  Scenario: Letting the bank go and keeping what it said
    Given her bank has said
      | payment   | amount  | on         | status | category       |
      | groceries | -500.00 | 2026-03-02 | booked | food.groceries |
    When Anna disconnects her bank and keeps her data
    And 2 days pass
    And the house does its work
    Then her bank is no longer asked
    When Anna looks at her transactions
    Then she sees 3 transactions
    When Anna looks at her wallet
    Then in NOK she has 20000.00, owes 0.00, and 20000.00 in all

  Scenario: Letting the bank go and erasing what it said
    Given Anna has imported the statement "plain.csv"
    When Anna disconnects her bank and erases her data
    And 2 days pass
    And the house does its work
    Then her bank is no longer asked
    And nothing that it said is left
    When Anna looks at her transactions
    Then she sees 4 transactions
    When Anna looks at her wallet
    Then in NOK she has 924.20, owes 0.00, and 924.20 in all

  Scenario: A statement is imported twice
    When Anna imports the statement "plain.csv"
    Then 4 transactions are new
    When Anna imports the statement "plain.csv"
    Then 0 transactions are new
    And 4 transactions are known
    When Anna looks at her transactions
    Then she sees 7 transactions
    When Anna looks at her wallet
    Then in NOK she has 20924.20, owes 0.00, and 20924.20 in all

  Scenario: The same bank linked by mistake once more
    Given Anna has linked her bank
    And the house has done its work
    When Anna looks at her transactions
    Then she sees 3 transactions
    When Anna looks at her wallet
    Then in NOK she has 20000.00, owes 0.00, and 20000.00 in all

  Scenario: It is hers alone
    Given Bjørn has registered and signed in
    When Bjørn looks at his transactions
    Then he sees 0 transactions

  Scenario: All of it can be looked up
    When Anna disconnects her bank and erases her data
    And the house does its work
    Then her audit trail tells, in order
      | what                     |
      | identity.registered      |
      | identity.logged_in       |
      | connections.link_started |
      | connections.linked       |
      | connections.synced       |
      | connections.withdrawn    |
      | connections.disconnected |
    And her audit trail is whole
