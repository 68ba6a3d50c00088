Feature: Getting in
  A person wants to reach their money from their own devices, and nobody else to.

  Background:
    Given Anna has registered with "anna@example.no" and "four quiet words here"

  Scenario: Signing in
    When Anna signs in with "Anna@Example.NO" and "four quiet words here"
    Then she is let in
    And she sees her name "Anna Berg"

  Scenario Outline: Who cannot sign in is not told why
    When somebody signs in with "<email>" and "<password>"
    Then they are told "bad_credentials"

    Examples:
      | email           | password              |
      | anna@example.no | five other words here |
      | bo@example.no   | four quiet words here |

  Scenario: An address belongs to one person
    When somebody registers with "ANNA@example.no" and "another long password"
    Then they are told that a mail is on its way
    And the newest mail to "anna@example.no" says "Du har allerede en konto"

  Scenario: A password that is too short
    When somebody registers with "bo@example.no" and "fourteen chars"
    Then they are told "invalid_fields"
    And the reason is "use at least 15 characters; a few words will do"

  Scenario: Staying signed in
    Given Anna has signed in
    When 15 minutes pass
    Then her access has run out
    When her device refreshes
    Then she is let in

  Scenario: A reply that got lost
    Given Anna has signed in
    When her device refreshes
    And 5 seconds pass
    And the same refresh is sent again
    Then both replies hold the same token

  Scenario: A stolen token
    Given Anna has signed in
    And her device has refreshed
    And 11 seconds have passed
    When a thief sends the old token
    Then they are told "refresh_token_reused"
    And her session is over
    And her audit trail ends with "identity.refresh_token_reused"

  Scenario: Signing out
    Given Anna has signed in
    When she signs out
    Then her session is over
    And her audit trail is whole
