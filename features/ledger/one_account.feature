Feature: One account, seen twice
  Anna's bank is linked twice, and both links tell of her everyday account. Nobody can know that the
  two are one but Anna. Once she says so, there is one account, and every purchase is there once.

  Background:
    Given today is 2026-03-05
    And Anna's bank tells of account "NO9386011117947" over two links
      | payment   | amount  | on         |
      | Kiwi      | -100.00 | 2026-03-02 |
      | Coffee    | -45.00  | 2026-03-03 |

  Scenario: It is proposed, and nothing happens by itself
    Then Anna has 2 accounts and 4 transactions
    And Anna is asked whether two accounts are one

  Scenario: She says that they are one
    When Anna says that they are one
    Then Anna has 1 accounts and 2 transactions
    And Anna is not asked whether two accounts are one

  Scenario: What she had noted is there still
    Given Anna has noted "for the cat" on one of "Kiwi"
    When Anna says that they are one
    Then "Kiwi" is noted as "for the cat"

  Scenario: What either link tells from now on is there once
    Given Anna says that they are one
    When Anna's bank tells of account "NO9386011117947" over two links
      | payment   | amount  | on         |
      | Rent      | -900.00 | 2026-03-05 |
    Then Anna has 1 accounts and 3 transactions

  Scenario: They are two, and nobody asks again
    When Anna says that they are two
    Then Anna has 2 accounts and 4 transactions
    And Anna is not asked whether two accounts are one

  Scenario: Saying it twice is saying it once
    Given Anna says that they are one
    When Anna says once more that they are one
    Then Anna has 1 accounts and 2 transactions

  Scenario: A long history is joined while she does something else
    Given Anna's bank has told of 1000 more payments over both links
    When Anna says that they are one
    Then Anna is told that a job is on it
    And Anna has 1 accounts and 1002 transactions

  Scenario: It was a mistake
    Given Anna says that they are one
    When Anna takes the second link's account out again
    Then Anna has 2 accounts and 4 transactions
