Feature: BankID
  A person wants in with what their bank gave them; whoever has not got it stays out.

  # Getting in

  Scenario: The first time
    When Anna goes to BankID on her phone
    And she shows BankID who she is
    Then she is let in
    And she sees her name "Anna Verified Berg"
    And her trail tells of "signing up"
    And her trail tells of "a verified identity"
    And there is one account

  Scenario: The next time
    Given Anna has got in with BankID on her phone
    When Anna goes to BankID on her laptop
    And she shows BankID who she is
    Then she is let in
    And there is one account

  Scenario: Two people
    Given Anna has got in with BankID on her phone
    When Bo goes to BankID on his phone
    And he shows BankID who he is
    Then he is let in
    And there are two accounts

  Scenario: It is known better than by a password
    Given Anna has got in with BankID on her phone
    And Anna has added an authenticator app on her phone
    When Anna goes to BankID on her laptop
    And she shows BankID who she is
    Then she is let in

  Scenario: A child
    When Anna goes to BankID on her phone
    And a child of 17 shows BankID who they are
    Then they are told "bankid_under_age"
    And there is no account

  Scenario: A BankID that does not tell how old somebody is
    When Anna goes to BankID on her phone
    And somebody of no known age shows BankID who they are
    Then they are told "bankid_age_unknown"
    And there is no account

  Scenario: A change of mind
    When Anna goes to BankID on her phone
    And she changes her mind at BankID
    Then she is told "bankid_cancelled"
    And there is no account

  Scenario: BankID is down for a moment
    Given BankID is down
    When Anna goes to BankID on her phone
    And she comes back from BankID
    Then she is told "bankid_unavailable"
    When Anna goes to BankID on her phone
    And she shows BankID who she is
    Then she is let in

  Scenario: Too slow
    When Anna goes to BankID on her phone
    And 10 minutes pass
    And she shows BankID who she is
    Then she is told "bankid_state_expired"
    And there is no account

  Scenario: Coming back twice
    When Anna goes to BankID on her phone
    And she shows BankID who she is
    And she comes back from BankID
    Then she is told "bankid_state_used"

  Scenario: A way back that a thief caught
    When Anna goes to BankID on her phone
    And a thief comes back from BankID in her place
    Then they are told "bankid_state_invalid"
    And nobody is signed in on the thief's computer
    When she shows BankID who she is
    Then she is let in

  Scenario: A thief wants her to come back into the thief's account
    When a thief goes to BankID on the thief's computer
    And she opens the thief's way back on her phone
    Then she is told "bankid_state_invalid"
    And nobody is signed in on her phone

  Scenario: A way back that somebody made up
    When Anna goes to BankID on her phone
    And somebody comes back from BankID with a way back of their own
    Then they are told "bankid_state_invalid"

  Scenario: Who is banned does not get in with BankID either
    Given Anna has got in with BankID on her phone
    And she has been banned
    When Anna goes to BankID on her laptop
    And she shows BankID who she is
    Then she is told "account_not_active"
    And nobody is signed in on her laptop
    And her trail ends with "a refused sign-in"
    And there is one account

  # Adding it to an account

  Scenario: Adding it
    Given Anna has an account
    And Anna has signed in on her phone
    When she adds her BankID on her phone
    Then she gets the mail "En BankID ble koblet til"
    And her trail tells of "a linked BankID"
    When Anna goes to BankID on her laptop
    And she shows BankID who she is
    Then she is let in
    And she sees her name "Anna Berg"
    And there is one account

  Scenario: Somebody found her phone unlocked
    Given Anna has an account
    And Anna has signed in on her phone
    And 6 minutes have passed
    When a thief adds their BankID on her phone
    Then they are told "step_up_required"
    And no BankID opens her account

  Scenario: A BankID opens one account
    Given Bo has got in with BankID on his phone
    And Anna has an account
    And Anna has signed in on her phone
    When she adds his BankID on her phone
    Then she is told "bankid_taken"
    And no BankID opens her account
    And her trail ends with "a BankID that was refused"

  Scenario: An account opens with one BankID
    Given Anna has got in with BankID on her phone
    When a thief adds their BankID on her phone
    Then they are told "another_bankid_linked"

  Scenario: Whoever asked has signed out meanwhile
    Given Anna has an account
    And Anna has signed in on her phone
    When she goes to BankID to add it on her phone
    And she signs out on her phone meanwhile
    And she shows BankID who she is
    Then she is told "session_ended"
    And no BankID opens her account

  Scenario: A thief with the password and without the second factor
    Given Anna has an account
    And a thief has signed in with her password
    And Anna has an authenticator app
    When a thief adds their BankID on the thief's computer
    Then they are told "step_up_required"
    And no BankID opens her account

  # Taking it away

  Scenario: Taking it away
    Given Anna has an account
    And Anna has signed in on her phone
    And Anna has added her BankID on her phone
    And Anna has got in with BankID on her laptop
    When she takes her BankID away on her phone
    Then no BankID opens her account
    And her laptop is signed out
    And her phone is signed in
    And she gets the mail "En BankID ble koblet fra"
    And her trail ends with "an unlinked BankID"

  Scenario: The last way in stays
    Given Anna has got in with BankID on her phone
    When she takes her BankID away on her phone
    Then she is told "last_way_in"
    When Anna goes to BankID on her laptop
    And she shows BankID who she is
    Then she is let in
    And there is one account

  Scenario: A password without an address to type beside it opens nothing
    Given Anna has got in with BankID on her phone
    And Anna has chosen a first password on her phone
    When she takes her BankID away on her phone
    Then she is told "last_way_in"

  Scenario: A password is another way in
    Given Anna has got in with BankID on her phone
    And Anna has chosen a first password on her phone
    And Anna has confirmed the address "anna@example.no" on her phone
    When she takes her BankID away on her phone
    Then no BankID opens her account
