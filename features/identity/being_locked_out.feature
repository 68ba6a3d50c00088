Feature: Being locked out
  Whoever guesses has to wait; an owner is not kept out by them.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone

  Scenario: Five wrong guesses from one place
    When a thief guesses her password 5 times on the thief's computer
    Then they are told "bad_credentials"
    And her trail ends with "a lock"
    When a thief signs in with her password
    Then they are told "sign_in_locked"
    And they are told to wait 30 minutes
    And nobody is signed in on the thief's computer

  Scenario: Half an hour later
    Given a thief has guessed her password 5 times on the thief's computer
    When 30 minutes pass
    And a thief guesses her password 1 times on the thief's computer
    Then they are told "bad_credentials"

  Scenario: Slow guessing helps nobody
    When a thief guesses her password 5 times on the thief's computer, one every 20 minutes
    And a thief guesses her password 1 times on the thief's computer
    Then they are told "sign_in_locked"

  Scenario: An attacker does not keep her out of her own home
    Given a thief has guessed her password 5 times on the thief's computer
    When Anna signs in on her laptop
    Then she is let in

  Scenario: An attacker in many places does not keep her out of her own phone
    When thieves in 4 places guess her password 5 times each
    Then her trail ends with "a lock"
    When Anna signs in on her laptop
    Then she is told "sign_in_locked"
    And they are told to wait 60 minutes
    When Anna signs in on her phone
    Then she is let in

  Scenario: And goes on attacking
    Given thieves in 4 places have guessed her password 5 times each
    When 10 minutes pass
    And thieves in 4 places guess her password 5 times each
    Then they are told "sign_in_locked"
    When Anna signs in on her phone
    Then she is let in

  Scenario: Her phone in a thief's hands guesses no more often than anybody
    When somebody guesses her password 5 times on her phone
    And somebody guesses her password 1 times on her phone
    Then they are told "sign_in_locked"
    When Anna signs in on her laptop
    Then she is let in

  Scenario: What makes her phone known opens nothing else
    Given Bo has an account
    And a thief has copied what makes her phone known
    When the thief guesses his password 5 times on the thief's computer
    And Bo signs in on his phone
    Then he is let in
    When the thief guesses his password 1 times on the thief's computer
    Then they are told "sign_in_locked"

  Scenario: Whether an address is known, nobody is told
    When a thief guesses the password of "nobody@example.no" 5 times
    And a thief guesses the password of "nobody@example.no" 1 times
    Then they are told "sign_in_locked"
    And they are told to wait 30 minutes

  Scenario: She remembers it in time
    When Anna guesses her password 4 times on her laptop
    And Anna signs in on her laptop
    Then she is let in
    When Anna guesses her password 5 times on her laptop
    Then she is told "bad_credentials"

  Scenario: A mail opens the lock
    Given thieves in 4 places have guessed her password 5 times each
    And Anna has forgotten her password, and got the mail
    When she chooses "five other words of hers" with the newest link
    And somebody signs in with "anna@example.no" and "five other words of hers"
    Then they are let in

  Scenario: Whoever goes on guessing does not keep out the device that chose the password
    Given Anna has forgotten her password, and got the mail
    And Anna has chosen "five other words of hers" with the newest link on her laptop
    When thieves in 4 places guess her password 5 times each
    And Anna signs in on her laptop with "five other words of hers"
    Then she is let in

  Scenario: Somebody who works here opens the lock
    Given thieves in 4 places have guessed her password 5 times each
    When Olga, who looks after accounts, unlocks her
    Then her trail ends with "an account that was opened again"
    When Anna signs in on her laptop
    Then she is let in
