Feature: Another e-mail address
  A person moves to another address; nobody moves their account to one of theirs.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone

  Scenario: Moving
    When she asks on her phone for the address "anna@new.example"
    Then she is told that a mail is on its way
    And the newest mail to "anna@new.example" says "Bekreft den nye e-postadressen din"
    And the newest mail to "anna@example.no" says "E-postadressen din er i ferd med å bli endret"
    And her newest mail holds no link
    When she opens the newest link to "anna@new.example" on her phone
    Then the newest mail to "anna@example.no" says "E-postadressen din er endret"
    And her trail ends with "another address"
    And her phone is signed in
    When somebody signs in with "anna@new.example" and "four quiet words here"
    Then they are let in
    When somebody signs in with "anna@example.no" and "four quiet words here"
    Then they are told "bad_credentials"

  Scenario: Until it is confirmed, nothing changes
    Given she has asked on her phone for the address "anna@new.example"
    When Anna signs in on her laptop
    Then she is let in
    When somebody signs in with "anna@new.example" and "four quiet words here"
    Then they are told "bad_credentials"

  Scenario: Somebody found her phone unlocked
    Given 6 minutes have passed
    When somebody asks on her phone for the address "thief@example.no"
    Then they are told "step_up_required"
    And no mail comes to "thief@example.no"

  Scenario: A thief with the password and without the second factor
    Given a thief has signed in with her password
    And Anna has an authenticator app
    When the thief asks on the thief's computer for the address "thief@example.no"
    Then they are told "step_up_required"
    And no mail comes to "thief@example.no"

  Scenario: A mistyped address that somebody else reads
    Given Bo has an account
    And Bo has signed in on his phone
    And she has asked on her phone for the address "anan@new.example"
    When he opens the newest link to "anan@new.example" on his phone
    Then he is told "confirmation_invalid"
    When somebody signs in with "anan@new.example" and "four quiet words here"
    Then they are told "bad_credentials"

  Scenario: A mistyped address, mended
    Given she has asked on her phone for the address "anan@new.example"
    And she has asked on her phone for the address "anna@new.example"
    When she opens the newest link to "anan@new.example" on her phone
    Then she is told "confirmation_invalid"
    When she opens the newest link to "anna@new.example" on her phone
    And somebody signs in with "anna@new.example" and "four quiet words here"
    Then they are let in

  Scenario: A link works for an hour
    Given she has asked on her phone for the address "anna@new.example"
    When 60 minutes pass
    And she opens the newest link to "anna@new.example" on her phone
    Then she is told "confirmation_expired"

  Scenario: Somebody else's address
    Given Bo has an account
    When she asks on her phone for the address "bo@example.no"
    Then she is told that a mail is on its way
    And the newest mail to "bo@example.no" says "Du har allerede en konto"
    And his newest mail holds no link

  Scenario: An address that somebody else took meanwhile
    Given she has asked on her phone for the address "bo@example.no"
    And Bo has an account
    When she opens the oldest link to "bo@example.no" on her phone
    Then she is told "email_taken"

  Scenario: The old address opens nothing any more
    Given Anna has forgotten her password, and got the mail
    And she has asked on her phone for the address "anna@new.example"
    When she opens the newest link to "anna@new.example" on her phone
    And somebody chooses "the thief picked this one" with the newest link
    Then they are told "confirmation_invalid"
