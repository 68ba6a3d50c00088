Feature: Signing up
  A person wants an account that is theirs alone, and nobody to get one with their address.

  Scenario: Becoming somebody
    When Anna signs up
    Then she is told that a mail is on its way
    And she gets the mail "Bekreft e-postadressen din"
    When Anna signs in on her phone
    Then she is told "bad_credentials"
    When she opens the newest link from her mails
    And Anna signs in on her phone
    Then she is let in
    And she sees her name "Anna Berg"
    And her trail tells of "signing up"

  Scenario: An address belongs to one person
    Given Anna has an account
    When somebody signs up with "ANNA@example.no" and "another long password"
    Then they are told that a mail is on its way
    And the newest mail to "anna@example.no" says "Du har allerede en konto"
    And her newest mail holds no link
    When somebody signs in with "anna@example.no" and "another long password"
    Then they are told "bad_credentials"
    When Anna signs in on her phone
    Then she is let in

  Scenario: Whether an address is known, nobody is told
    Given Anna has an account
    When somebody signs up with "anna@example.no" and "another long password"
    And somebody signs up with "nobody@example.no" and "another long password"
    Then both were answered alike

  Scenario: A thief signs up with somebody else's address, and its owner does not fall for it
    Given a thief has signed up with her address
    When somebody signs in with "anna@example.no" and "the thief picked this one"
    Then they are told "bad_credentials"
    When Anna signs up
    And she opens the newest link from her mails
    And Anna signs in on her phone
    Then she is let in
    When somebody signs in with "anna@example.no" and "the thief picked this one"
    Then they are told "bad_credentials"

  Scenario: The thief's mail is opened after the owner's
    Given a thief has signed up with her address
    When Anna signs up
    And she opens the newest link from her mails
    And she opens the oldest link from her mails
    Then she is told "email_taken"
    When somebody signs in with "anna@example.no" and "the thief picked this one"
    Then they are told "bad_credentials"

  Scenario: A link works once
    Given Anna has signed up, and got the mail
    When she opens the newest link from her mails
    And somebody opens the newest link from her mails
    Then they are told "confirmation_invalid"
    And there is one account

  Scenario: A link works for an hour
    Given Anna has signed up, and got the mail
    When 60 minutes pass
    And she opens the newest link from her mails
    Then she is told "confirmation_expired"
    And there is no account

  Scenario: A link that somebody made up
    When somebody opens a link that was never sent
    Then they are told "confirmation_invalid"
    And there is no account

  Scenario: A mailbox cannot be flooded
    When somebody signs up 8 times with "anna@example.no"
    Then they are told that a mail is on its way
    And 5 mails came to "anna@example.no"
    When 61 minutes pass
    And Anna signs up
    Then 6 mails came to "anna@example.no"

  Scenario: A mail repeats nothing that a stranger wrote
    When somebody who calls themselves "Win at http://evil.example" signs up with her address
    Then the newest mail to "anna@example.no" says "Bekreft e-postadressen din"
    And no mail mentions "evil"

  Scenario: The post is down for a moment
    Given the post is down
    When Anna signs up
    Then no mail comes to "anna@example.no"
    When 2 minutes pass
    And she opens the newest link from her mails
    And Anna signs in on her phone
    Then she is let in

  Scenario Outline: Passwords that are easily guessed
    When somebody signs up with "anna@example.no" and "<password>"
    Then they are told "invalid_fields"
    And the reason is "<reason>"
    And no mail comes to "anna@example.no"

    Examples:
      | password              | reason                                                                                    |
      | fourteen chars        | use at least 15 characters; a few words will do                                           |
      | anna@example.no       | a password must not be your e-mail address                                                |
      | Anna Berg anna berg 1 | this is made of your name, your e-mail address or our name: add a few other words         |
      | ababababababababab    | this is one thing over and over: use a few different words                                |
      | password123456789     | this is among the passwords that are tried first: use a few different words               |

  Scenario: Everything that is wrong is told at once
    When somebody who calls themselves " " signs up with "nowhere" and "short"
    Then they are told "invalid_fields"
    And they are told what is wrong with "name, email, password"
