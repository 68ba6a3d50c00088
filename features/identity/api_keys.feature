Feature: API keys
  A person lets a program of theirs in, with as much as it needs and no longer than it needs.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone

  # Making one

  Scenario: A program of hers
    When she makes a key for "Spreadsheet" on her phone that may "ledger:read" for 30 days
    Then the key lets a program in as Anna
    And it may "ledger:read" and nothing else
    And she gets the mail "En API-nøkkel ble laget"
    And her trail ends with "a new API key"

  Scenario: It is shown once
    Given she has made a key for "Spreadsheet"
    Then her keys are
      | for         | used  |
      | Spreadsheet | never |
    And nothing that is kept holds the key

  Scenario: When it was used last
    Given she has made a key for "Spreadsheet"
    When 10 minutes pass
    And a program uses the key
    Then her keys are
      | for         | used          |
      | Spreadsheet | 0 minutes ago |

  Scenario: Somebody found her phone unlocked
    Given 6 minutes have passed
    When somebody makes a key for "Mine now" on her phone that may "ledger:read" for 365 days
    Then they are told "step_up_required"
    And she has no keys

  Scenario: A key makes no keys
    Given she has made a key for "Spreadsheet"
    Then the key counts as nobody who is there

  Scenario Outline: What no key can be
    When she makes a key for "<name>" on her phone that may "<scopes>" for <days> days
    Then she is told "invalid_fields"
    And she has no keys

    Examples:
      | name        | scopes      | days |
      | Spreadsheet | nothing     | 30   |
      | Spreadsheet | ledger:read | 0    |
      | Spreadsheet | ledger:read | 366  |

  Scenario: Twenty-five are enough
    Given she has made 25 keys
    When she makes a key for "One more" on her phone that may "ledger:read" for 30 days
    Then she is told "too_many_api_keys"

  # Losing one

  Scenario: A key that leaked
    Given she has made a key for "Spreadsheet"
    When she revokes the key on her phone
    Then the key is refused with "session_ended"
    And she has no keys
    And her phone is signed in
    And her trail ends with "a revoked API key"

  Scenario: A key runs out
    Given she has made a key for "Spreadsheet" for 30 days
    When 29 days pass
    Then the key lets a program in as Anna
    When 1 days pass
    Then the key is refused with "session_ended"

  Scenario: Somebody else's key is nobody's business
    Given she has made a key for "Spreadsheet"
    And Bo has an account
    And Bo has signed in on his phone
    When he revokes the key on his phone
    Then he is told "api_key_not_found"
    And the key lets a program in as Anna

  Scenario: A mistyped key
    Given she has made a key for "Spreadsheet"
    When the last sign of the key is mistyped
    Then the key is refused with "api_key_invalid"

  Scenario: A key that somebody made up
    When somebody makes up a key that is written as keys are
    Then the key is refused with "api_key_invalid"

  Scenario: A phone that signs out leaves the programs alone
    Given she has made a key for "Spreadsheet"
    When she signs everything out from her phone
    Then her phone is signed out
    And the key lets a program in as Anna

  Scenario: A stolen password may have made keys
    Given a thief has signed in with her password
    And the thief has made a key on the thief's computer
    And Anna has forgotten her password, and got the mail
    When she chooses "five other words of hers" with the newest link
    Then the key is refused with "session_ended"

  Scenario: A second factor that is taken away takes the keys along
    Given Anna has an authenticator app
    And she has made a key for "Spreadsheet"
    When she turns the authenticator app off on her phone
    Then the key is refused with "session_ended"

  Scenario: A banned person's programs
    Given she has made a key for "Spreadsheet"
    And Anna has been banned
    Then the key is refused with "session_ended"
