Feature: Staying signed in, and signing out
  A person wants to stay signed in on what is theirs, and to sign out what is not.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone

  # Staying signed in

  Scenario: Staying signed in
    When 15 minutes pass
    Then her access has run out
    When her phone refreshes
    Then she is let in

  Scenario: A reply that got lost
    When her phone refreshes
    And 5 seconds pass
    And the same refresh is sent again
    Then both replies hold the same token

  Scenario: A stolen token, used after its owner used it
    Given her phone has refreshed
    And 11 seconds have passed
    When a thief sends the old token
    Then they are told "refresh_token_reused"
    And her phone is signed out
    And her trail ends with "a refresh that was used twice"

  Scenario: A stolen token, used before its owner uses it
    Given a thief has refreshed with what her phone holds
    And 11 seconds have passed
    When her phone refreshes
    Then she is told "refresh_token_reused"
    And the thief's computer is signed out
    And her trail ends with "a refresh that was used twice"

  Scenario: A token that somebody made up
    When a thief sends a token that was never given out
    Then they are told "refresh_token_unknown"
    And her phone is signed in

  Scenario: Access that somebody altered
    When a thief alters what her phone was given to open Bo's account
    Then they are told "access_token_invalid"

  Scenario: A phone that lies unused for a week
    When 7 days pass
    And her phone refreshes
    Then she is told "session_ended"

  Scenario: Nobody stays signed in for ever
    Given her phone has refreshed every day for 29 days
    Then her phone is signed in
    When 1 days pass
    And her phone refreshes
    Then she is told "session_ended"

  # Signing out

  Scenario: Signing out
    When she signs out on her phone
    Then her phone is signed out
    And her trail ends with "signing out"
    And every trail is whole

  Scenario: What was stolen before is worth nothing after signing out
    When she signs out on her phone
    And her phone refreshes
    Then she is told "session_ended"

  Scenario: Where she is signed in
    Given 5 minutes have passed
    And Anna has signed in on her laptop
    Then her phone shows that she is signed in on
      | device        | here |
      | Anna's laptop | no   |
      | Anna's phone  | yes  |

  Scenario: A laptop left on the train
    Given Anna has signed in on her laptop
    When she signs her laptop out from her phone
    Then her laptop is signed out
    And her phone is signed in
    And her trail ends with "a device that was signed out"

  Scenario: Everything but this phone
    Given Anna has signed in on her laptop
    And Anna has signed in on her computer
    When she signs everything else out from her phone
    Then her laptop is signed out
    And her computer is signed out
    And her phone is signed in
    And her trail ends with "all other devices that were signed out"

  Scenario: A thief with her phone cannot throw her out of the rest
    Given Anna has signed in on her laptop
    And 6 minutes have passed
    When somebody signs her laptop out from her phone
    Then they are told "step_up_required"
    When somebody signs everything else out from her phone
    Then they are told "step_up_required"
    And her laptop is signed in

  Scenario: Somebody else's devices are nobody's business
    Given Bo has an account
    And Bo has signed in on his phone
    When he signs her phone out from his phone
    Then he is told "session_not_found"
    And her phone is signed in

  Scenario: The fifty-first device
    When she signs in on 50 other devices
    Then her phone is signed out

  # Proving again that one is there

  Scenario: What was copied before a new proof is worth nothing after it
    Given a thief has copied what her phone holds
    When Anna proves on her phone that it is she
    Then her phone is signed in
    And the thief's computer is signed out

  Scenario: A wrong password proves nothing
    Given 6 minutes have passed
    When somebody proves on her phone with "five other words here" that it is she
    Then they are told "bad_credentials"
    And her trail ends with "a proof that was refused"
    When somebody signs everything else out from her phone
    Then they are told "step_up_required"

  Scenario: Who found her phone guesses five times
    Given 6 minutes have passed
    When somebody proves 5 times on her phone with "five other words here" that it is she
    And somebody proves on her phone with "four quiet words here" that it is she
    Then they are told "sign_in_locked"
    When Anna signs in on her laptop
    Then she is let in
