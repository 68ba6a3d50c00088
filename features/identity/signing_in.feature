Feature: Signing in
  A person wants to reach their money from their own devices, and nobody else to.

  Background:
    Given Anna has an account

  Scenario: Signing in
    When Anna signs in on her phone
    Then she is let in
    And she sees her name "Anna Berg"
    And her trail ends with "signing in"

  Scenario: However the address is written
    When somebody signs in with "Anna@Example.NO" and "four quiet words here"
    Then they are let in

  Scenario Outline: Who cannot sign in is not told why
    When somebody signs in with "<email>" and "<password>"
    Then they are told "bad_credentials"
    And nobody is signed in on somebody's computer

    Examples:
      | email           | password              |
      | anna@example.no | five other words here |
      | anna@example.no | FOUR QUIET WORDS HERE |
      | bo@example.no   | four quiet words here |

  Scenario: A wrong password is remembered
    When somebody signs in with "anna@example.no" and "five other words here"
    Then her trail ends with "a refused sign-in"

  Scenario: Whoever nobody is leaves no trace
    When somebody signs in with "bo@example.no" and "four quiet words here"
    Then there is one trail

  Scenario: A password is the same on every keyboard
    Given Bo has an account with the password "blåbær på fjellet"
    When Bo signs in on a keyboard that writes å as two signs
    Then he is let in

  Scenario: What nobody could have as a password
    When somebody signs in with a password of 10000 signs
    Then they are told "bad_credentials"

  Scenario: Somebody else's password opens nothing but their own account
    Given Bo has an account
    When somebody signs in with "anna@example.no" and "another long one of mine"
    Then they are told "bad_credentials"
    When somebody signs in with "bo@example.no" and "another long one of mine"
    Then they are let in
    And they see the name "Bo Lie"
