Feature: Linking a bank
  A person wants their money from every bank in one place, and to be sure that a link is theirs.

  Scenario: A first bank
    When Anna starts to link her bank
    And she says yes at the bank
    Then her bank "Fjordbank" is linked
    And reading it has begun

  Scenario: A change of mind
    When Anna starts to link her bank
    And she says no at the bank
    Then she is told "link_cancelled"
    And she has no linked bank

  Scenario: Too slow
    Given Anna has started to link her bank
    When 10 minutes pass
    And she says yes at the bank
    Then she is told "state_expired"
    And she has no linked bank

  Scenario: Coming back twice
    Given Anna has linked her bank
    When she comes back from the bank once more
    Then she is told "state_used"
    And she has one linked bank

  Scenario: Somebody else's way back
    Given Anna has started to link her bank
    When Bjørn comes back from the bank in her place
    Then he is told "state_invalid"
    And she has no linked bank

  Scenario: The same bank again
    Given Anna has linked her bank
    When Anna starts to link her bank
    And she says yes at the bank
    Then she has one linked bank

  Scenario: A bank login that somebody else has linked
    Given Bjørn has linked the same login
    When Anna starts to link her bank
    And she says yes at the bank
    Then she is told "bank_link_taken"
    And she has no linked bank

  Scenario: The provider is down for a moment
    Given Anna has started to link her bank
    And the provider is down
    When she says yes at the bank
    Then she is told "provider_unavailable"
    When she comes back from the bank once more
    Then her bank "Fjordbank" is linked

  Scenario: The lights go out half-way, and the provider can be asked again
    Given Anna has started to link her bank
    And the lights go out while she says yes at the bank
    When 1 minutes pass
    And she comes back from the bank once more
    Then her bank "Fjordbank" is linked

  Scenario: The lights go out half-way, and the yes was good only once
    Given the bank's yes is good only once
    And Anna has started to link her bank
    And the lights go out while she says yes at the bank
    When 1 minutes pass
    And she comes back from the bank once more
    Then she is told "link_again"
    And she has no linked bank

  Scenario: The yes has run out
    Given Anna has linked her bank
    And the bank wants her to sign in again
    When the bank is read
    Then her bank needs her to renew
    When she renews
    Then her bank is read again
