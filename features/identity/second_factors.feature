Feature: Second factors
  A password can be stolen; a person wants it to be worth nothing without the phone in their hand.

  Background:
    Given Anna has an account

  # Setting one up

  Scenario: An authenticator app
    Given Anna has signed in on her phone
    When she begins to set up an authenticator app on her phone
    And she confirms it on her phone with the code that it shows
    Then she has ten recovery codes
    And she gets the mail "En autentiseringsapp ble satt opp"
    And her trail tells of "an authenticator app"
    When Anna signs in on her laptop
    Then she is asked for a second factor

  Scenario: An app that got it wrong locks nobody out
    Given Anna has signed in on her phone
    When she begins to set up an authenticator app on her phone
    And she confirms it on her phone with a wrong code
    Then she is told "code_wrong"
    And her trail ends with "a refused first code"
    When Anna signs in on her laptop
    Then she is let in

  Scenario: A setup that was forgotten
    Given Anna has signed in on her phone
    When she begins to set up an authenticator app on her phone
    And 16 minutes pass
    And she confirms it on her phone with the code that it shows
    Then she is told "totp_not_begun"

  Scenario: Somebody found her phone unlocked
    Given Anna has signed in on her phone
    And 6 minutes have passed
    When somebody begins to set up an authenticator app on her phone
    Then they are told "step_up_required"

  Scenario: A second app does not push out the first
    Given Anna has an authenticator app
    When she begins to set up an authenticator app on her phone
    Then she is told "totp_on"

  # Signing in

  Scenario: Signing in with a code
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    Then she is asked for a second factor
    And nobody is signed in on her laptop
    When she types the code that her app shows
    Then she is let in
    And her laptop is signed in

  Scenario: A thief with the password and without the phone
    Given Anna has an authenticator app
    When a thief signs in with her password
    Then they are asked for a second factor
    When the thief types 5 wrong codes
    Then they are told "code_wrong"
    And her trail tells of "a refused second factor"
    And her trail ends with "a lock"
    When the thief types the code that her app shows
    Then they are told "sign_in_locked"
    And nobody is signed in on the thief's computer

  Scenario: Five tries are all there are, however long one waits
    Given Anna has an authenticator app
    When a thief signs in with her password
    And the thief types 5 wrong codes
    And 31 minutes pass
    And the thief types the code that her app shows
    Then they are told "challenge_over"
    And nobody is signed in on the thief's computer

  Scenario: Beginning anew gives no more tries
    Given Anna has an authenticator app
    When a thief signs in with her password, and types a wrong code, 5 times
    And a thief signs in with her password
    And the thief types the code that her app shows
    Then they are told "sign_in_locked"

  Scenario: The thief's guesses do not keep her out
    Given Anna has an authenticator app
    When a thief signs in with her password, and types a wrong code, 5 times
    And Anna signs in on her laptop
    And she types the code that her app shows
    Then she is let in

  Scenario: A code that somebody saw over her shoulder
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types the code that her app shows
    And a thief signs in with her password
    And the thief types the code that her app shows
    Then they are told "code_wrong"
    And nobody is signed in on the thief's computer

  Scenario: A code is good for about a minute
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types the code that her app showed 90 seconds ago
    Then she is told "code_wrong"

  Scenario: A phone whose clock is half a minute slow
    Given Anna has an authenticator app
    And 30 seconds have passed
    When Anna signs in on her laptop
    And she types the code that her app showed 30 seconds ago
    Then she is let in

  Scenario: Somebody else's code
    Given Anna has an authenticator app
    And Bo has an account
    And Bo has an authenticator app
    When Anna signs in on her laptop
    And she types the code that his app shows
    Then she is told "code_wrong"

  Scenario: What is no code costs no try
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types "12 34" 6 times as her code
    Then she is told "invalid_fields"
    When she types the code that her app shows
    Then she is let in

  Scenario: A sign-in that was left for five minutes
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And 5 minutes pass
    And she types the code that her app shows
    Then she is told "challenge_over"

  Scenario: A sign-in is finished once
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types the code that her app shows
    And 30 seconds pass
    And somebody finishes the same sign-in with the code that her app shows
    Then they are told "challenge_over"

  # The phone is gone

  Scenario: A recovery code
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types her 3rd recovery code
    Then she is let in
    And she has 9 recovery codes left
    And she gets the mail "En gjenopprettingskode ble brukt"
    And her trail tells of "a used recovery code"

  Scenario: A recovery code works once
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types her 3rd recovery code
    And a thief signs in with her password
    And the thief types her 3rd recovery code
    Then they are told "code_wrong"
    And nobody is signed in on the thief's computer

  Scenario: A sheet of codes that somebody copied
    Given Anna has an authenticator app
    And a thief has copied her recovery codes
    When she makes new recovery codes on her phone
    Then she gets the mail "Nye gjenopprettingskoder ble laget"
    When a thief signs in with her password
    And the thief types a code that they copied
    Then they are told "code_wrong"

  Scenario: Somebody else's recovery code
    Given Anna has an authenticator app
    And Bo has an account
    And Bo has an authenticator app
    When Anna signs in on her laptop
    And she types his 1st recovery code
    Then she is told "code_wrong"
    And he has 10 recovery codes left

  # Proving again, and turning it off

  Scenario: Turning it off
    Given Anna has an authenticator app
    And Anna has signed in on her laptop
    When she turns the authenticator app off on her phone
    Then her phone is signed in
    And her laptop is signed out
    And she gets the mail "Autentiseringsappen din ble slått av"
    And her trail ends with "an authenticator app that was turned off"
    When Anna signs in on her computer
    Then she is let in
    And she has 0 recovery codes left

  Scenario: Somebody found her phone unlocked and wants to turn it off
    Given Anna has an authenticator app
    And 6 minutes have passed
    When somebody turns the authenticator app off on her phone
    Then they are told "step_up_required"
    When somebody proves on her phone with her password that it is she
    Then they are told "password_not_enough"
    When somebody turns the authenticator app off on her phone
    Then they are told "step_up_required"

  Scenario: Proving it with a code
    Given Anna has an authenticator app
    And 6 minutes have passed
    When Anna proves on her phone that it is she
    And she turns the authenticator app off on her phone
    Then her trail ends with "an authenticator app that was turned off"

  Scenario: A proof is good for five minutes
    Given Anna has an authenticator app
    And 6 minutes have passed
    And Anna has proved on her phone that it is she
    When 6 minutes pass
    And she turns the authenticator app off on her phone
    Then she is told "step_up_required"

  Scenario: A code that signed somebody in proves nothing more
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    And she types the code that her app shows
    And somebody proves on her phone with the code that her app shows that it is she
    Then they are told "code_wrong"

  Scenario: A thief who got in just before the app was set up
    Given a thief has signed in with her password
    And Anna has an authenticator app
    When the thief turns the authenticator app off on the thief's computer
    Then they are told "step_up_required"
    When the thief makes new recovery codes on the thief's computer
    Then they are told "step_up_required"

  Scenario: A password too short to stand alone
    Given Anna has an authenticator app
    And Anna has chosen the short password "kaktus i uka" on her phone
    When she turns the authenticator app off on her phone
    Then she is told "longer_password_needed"
