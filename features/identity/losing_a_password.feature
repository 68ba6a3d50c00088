Feature: Losing a password
  A person who cannot sign in any more wants back in; a thief does not get in that way.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone

  # Forgetting it

  Scenario: Choosing another
    When Anna forgets her password
    Then she is told that a mail is on its way
    And she gets the mail "Velg et nytt passord"
    When she chooses "five other words of hers" with the newest link
    Then she gets the mail "Passordet ditt er endret"
    And her trail ends with "a password chosen anew"
    And her phone is signed out
    When somebody signs in with "anna@example.no" and "four quiet words here"
    Then they are told "bad_credentials"
    When somebody signs in with "anna@example.no" and "five other words of hers"
    Then they are let in

  Scenario: Whether an address is known, nobody is told
    When somebody forgets the password of "nobody@example.no"
    Then they are told that a mail is on its way
    And no mail comes to "nobody@example.no"

  Scenario: Whoever cannot read her mail changes nothing
    When somebody forgets the password of "anna@example.no"
    Then she gets the mail "Velg et nytt passord"
    And her phone is signed in
    When Anna signs in on her laptop
    Then she is let in

  Scenario: A link works once
    Given Anna has forgotten her password, and got the mail
    When she chooses "five other words of hers" with the newest link
    And somebody chooses "the thief picked this one" with the newest link
    Then they are told "confirmation_invalid"
    When somebody signs in with "anna@example.no" and "the thief picked this one"
    Then they are told "bad_credentials"

  Scenario: A link works for an hour
    Given Anna has forgotten her password, and got the mail
    When 60 minutes pass
    And she chooses "five other words of hers" with the newest link
    Then she is told "confirmation_expired"
    And her phone is signed in

  Scenario: Of two links, one is used and both are dead
    Given Anna has forgotten her password, and got the mail
    And Anna has forgotten her password, and got the mail
    When she chooses "five other words of hers" with the newest link
    And somebody chooses "the thief picked this one" with the oldest link
    Then they are told "confirmation_invalid"

  Scenario: A link for one thing is none for another
    Given Bo has signed up, and got the mail
    When he chooses "the thief picked this one" with the link that he got
    Then he is told "confirmation_invalid"

  Scenario: A password that will not do leaves the link as good as before
    Given Anna has forgotten her password, and got the mail
    When she chooses "too short" with the newest link
    Then she is told "invalid_fields"
    And the reason is "use at least 15 characters; a few words will do"
    And her phone is signed in
    When she chooses "five other words of hers" with the newest link
    Then her phone is signed out

  Scenario: A thief who reads her mail and has not got her phone
    Given Anna has an authenticator app
    And Anna has forgotten her password, and got the mail
    When somebody chooses "the thief picked this one" with the newest link
    And somebody signs in with "anna@example.no" and "the thief picked this one"
    Then they are asked for a second factor
    And nobody is signed in on somebody's computer

  # Changing it

  Scenario: Whoever else knew it is out
    Given a thief has signed in with her password
    When she changes her password to "five other words of hers" on her phone
    Then the thief's computer is signed out
    And her phone is signed in
    And she gets the mail "Passordet ditt er endret"
    And her trail ends with "a changed password"

  Scenario: A sign-in that was begun with the old password
    Given Anna has an authenticator app
    And a thief has begun to sign in with her password
    When she changes her password to "five other words of hers" on her phone
    And the thief types the code that her app shows
    Then they are told "challenge_over"
    And nobody is signed in on the thief's computer

  Scenario: A mail that was on its way to a thief
    Given Anna has forgotten her password, and got the mail
    When she changes her password to "five other words of hers" on her phone
    And somebody chooses "the thief picked this one" with the newest link
    Then they are told "confirmation_invalid"

  Scenario: Somebody found her phone unlocked
    When somebody changes her password to "the thief picked this one" on her phone, and gives "a wrong guess"
    Then they are told "bad_credentials"
    And her trail ends with "a change of password that was refused"
    When somebody guesses 4 more times to change her password on her phone
    And somebody changes her password to "the thief picked this one" on her phone, and gives "four quiet words here"
    Then they are told "sign_in_locked"
    When Anna signs in on her laptop
    Then she is let in

  Scenario: A shorter password beside a second factor
    When she changes her password to "kaktus i uka" on her phone
    Then she is told "invalid_fields"
    Given Anna has an authenticator app
    When she changes her password to "kaktus i uka" on her phone
    And somebody signs in with "anna@example.no" and "kaktus i uka"
    Then they are asked for a second factor
