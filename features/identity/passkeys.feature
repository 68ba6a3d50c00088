Feature: Passkeys
  A person wants to get in with a finger on their phone, and a thief to have nothing to steal.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone

  # Making one

  Scenario: A passkey instead of a password
    When she makes a passkey called "Min telefon" on her phone
    Then she gets the mail "En passnøkkel ble lagt til"
    And her trail ends with "a new passkey"
    When Anna signs in on her laptop with her passkey
    Then she is let in
    And she sees her name "Anna Berg"

  Scenario: Somebody found her phone unlocked
    Given 6 minutes have passed
    When somebody makes a passkey called "Mine now" on her phone
    Then they are told "step_up_required"
    And she has no passkey

  Scenario: A thief who got in just before her first passkey
    Given a thief has signed in with her password
    And she has made a passkey called "Min telefon" on her phone
    When the thief makes a passkey called "Mine now" on the thief's computer
    Then they are told "step_up_required"
    And her passkeys are "Min telefon"

  Scenario: A device that did not ask who holds it
    When she makes a passkey on her phone without showing her finger
    Then she is told "passkey_unacceptable"
    And she has no passkey

  Scenario: A passkey that was made for somebody else's account
    Given Bo has an account
    And Bo has signed in on his phone
    When a thief has her phone make the passkey that his phone was asked for
    Then they are told "passkey_challenge_invalid"
    And she has no passkey

  # Signing in

  Scenario: As a second factor
    Given she has made a passkey called "Min telefon" on her phone
    When Anna signs in on her laptop
    Then she is asked for a second factor
    And nobody is signed in on her laptop
    When she shows her passkey
    Then she is let in

  Scenario: A thief with the password and without the phone
    Given she has made a passkey called "Min telefon" on her phone
    When a thief signs in with her password
    Then they are asked for a second factor
    And nobody is signed in on the thief's computer

  Scenario: Somebody else's passkey after her password
    Given she has made a passkey called "Min telefon" on her phone
    And Bo has an account
    And Bo has signed in on his phone
    And he has made a passkey called "Hans telefon" on his phone
    When a thief signs in with her password
    And the thief shows his passkey
    Then they are told "passkey_refused"
    And nobody is signed in on the thief's computer
    And her trail ends with "a refused second factor"

  Scenario: A page that only looks like ours
    Given she has made a passkey called "Min telefon" on her phone
    When she shows her passkey to a page that a thief has made, and the thief passes it on
    Then they are told "passkey_refused"
    And nobody is signed in on the thief's computer
    And her trail ends with "a refused sign-in"

  Scenario: An answer that a thief caught on its way
    Given she has made a passkey called "Min telefon" on her phone
    When Anna signs in on her laptop with her passkey
    Then she is let in
    When a thief sends the same answer once more
    Then they are told "passkey_challenge_invalid"
    And nobody is signed in on the thief's computer

  Scenario: An answer that took five minutes
    Given she has made a passkey called "Min telefon" on her phone
    When Anna is asked for her passkey on her laptop
    And 6 minutes pass
    And she answers with her passkey
    Then she is told "passkey_challenge_invalid"

  Scenario: Somebody else's device that says it is hers
    Given she has made a passkey called "Min telefon" on her phone
    And Bo has an account
    And Bo has signed in on his phone
    And he has made a passkey called "Hans telefon" on his phone
    When somebody signs in with his passkey and says that it is hers
    Then they are told "passkey_refused"
    When somebody signs in with his passkey and says that he is she
    Then they are told "passkey_refused"
    And nobody is signed in on somebody's computer

  Scenario: A passkey that nobody registered
    When somebody signs in with a passkey of another place
    Then they are told "passkey_refused"

  Scenario: A stolen phone that does not know its holder
    Given she has made a passkey called "Min telefon" on her phone
    When somebody signs in with her passkey without showing a finger
    Then they are told "passkey_refused"
    And nobody is signed in on somebody's computer

  Scenario: A copied passkey
    Given she has made a passkey called "Min telefon" on her phone
    And a thief has copied her passkey
    When Anna signs in on her laptop with her passkey
    And a thief signs in with the copy
    Then they are told "passkey_cloned"
    And nobody is signed in on the thief's computer
    And she gets the mail "En passnøkkel kan være kopiert"
    And her trail tells of "a passkey that may have been copied"

  # Looking after them

  Scenario: Another name
    Given she has made a passkey called "Min telefon" on her phone
    When she calls it "Gammel telefon" on her phone
    Then her passkeys are "Gammel telefon"

  Scenario: Somebody else's passkeys are nobody's business
    Given she has made a passkey called "Min telefon" on her phone
    And Bo has an account
    And Bo has signed in on his phone
    When Bo calls it "Hans" on his phone
    Then he is told "passkey_not_found"
    When Bo removes it on his phone
    Then he is told "passkey_not_found"
    And her passkeys are "Min telefon"

  Scenario: A lost phone
    Given she has made a passkey called "Min telefon" on her phone
    And Anna has signed in on her laptop with her passkey
    When she removes it on her phone
    Then her laptop is signed out
    And her phone is signed in
    And she gets the mail "En passnøkkel ble fjernet"
    And her trail ends with "a passkey that was removed"
    When somebody signs in with her passkey
    Then they are told "passkey_refused"

  Scenario: Removing one takes a fresh proof
    Given she has made a passkey called "Min telefon" on her phone
    And 6 minutes have passed
    When somebody removes it on her phone
    Then they are told "step_up_required"
    And her passkeys are "Min telefon"

  Scenario: A passkey proves that she is there
    Given she has made a passkey called "Min telefon" on her phone
    And 6 minutes have passed
    When she proves on her phone with her passkey that it is she
    And she removes it on her phone
    Then she has no passkey
