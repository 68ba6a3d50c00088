Feature: Administration
  Those who look after accounts can stop a fraud at once, and nothing they do goes unseen.

  Background:
    Given Anna has an account
    And Anna has signed in on her phone
    And Olga is an administrator

  # Banning

  Scenario: A banned person's next request
    Given Anna has signed in on her laptop
    When Olga bans Anna
    Then her phone is signed out
    And her laptop is signed out
    And her trail ends with "a ban"
    And it was Olga who did it

  Scenario: A banned person does not come back
    Given Olga has banned Anna
    When Anna signs in on her phone
    Then she is told "account_not_active"
    And her trail ends with "a refused sign-in"

  Scenario: Not with what her phone still holds
    Given Olga has banned Anna
    When her phone refreshes
    Then she is told "session_ended"

  Scenario: Not by choosing another password
    Given Anna has forgotten her password, and got the mail
    And Olga has banned Anna
    When she chooses "five other words of hers" with the newest link
    Then she is told "account_not_active"

  Scenario: And no more mails bring her back
    Given Olga has banned Anna
    When somebody forgets the password of "anna@example.no"
    Then they are told that a mail is on its way
    And all her mails are
      | subject                    |
      | Bekreft e-postadressen din |

  Scenario: A sign-in that was half done
    Given Anna has an authenticator app
    When Anna signs in on her laptop
    Then she is asked for a second factor
    When Olga bans Anna
    And she types the code on her laptop that her app shows
    Then she is told "account_not_active"
    And nobody is signed in on her laptop

  Scenario: A guess tells nobody that she is banned
    Given Olga has banned Anna
    When somebody signs in with "anna@example.no" and "five other words here"
    Then they are told "bad_credentials"

  Scenario: Taking a ban back
    Given Olga has banned Anna
    When Olga unbans Anna
    Then her trail ends with "the end of a ban"
    And her phone is signed out
    When Anna signs in on her phone
    Then she is let in

  Scenario: Closing an account for the time being
    Given Bo works in support
    When Bo closes Anna's account for the time being
    Then her phone is signed out
    And her trail ends with "an account that was closed for the time being"
    When Anna signs in on her phone
    Then she is told "account_not_active"
    When Bo opens Anna's account again
    And Anna signs in on her phone
    Then she is let in

  Scenario: Signing somebody out everywhere
    Given Bo works in support
    When Bo signs Anna out everywhere
    Then her phone is signed out
    When Anna signs in on her phone
    Then she is let in

  # Who may

  Scenario: Nobody else may
    Given Bo has an account
    And Bo has an authenticator app
    When Bo bans Anna
    Then he is told "permission_missing"
    And her phone is signed in

  Scenario: Support closes accounts, and bans nobody
    Given Bo works in support
    When Bo bans Anna
    Then he is told "permission_missing"
    And her phone is signed in

  Scenario: An administrator's stolen password
    Given a thief has begun to sign in with Olga's password
    Then nobody is signed in on the thief's computer

  Scenario: An administrator without a second factor
    Given Bo is an administrator who has only a password
    When Bo bans Anna
    Then he is told "second_factor_required"
    And her phone is signed in

  Scenario: A role that was taken away
    Given Bo works in support
    When Olga makes Bo a user
    And Bo closes Anna's account for the time being
    Then he is told "permission_missing"
    And her phone is signed in

  Scenario: A new role counts at once
    Given Bo has an account
    And Bo has an authenticator app
    When Olga makes Bo support
    Then his trail ends with "a new role"
    When Bo closes Anna's account for the time being
    Then her phone is signed out

  Scenario: Giving roles takes a fresh proof
    Given Bo has an account
    And 6 minutes have passed
    When Olga makes Bo admin
    Then they are told "step_up_required"
    And Bo's role is "user"

  Scenario: Support does not act on those who act on it
    Given Bo works in support
    When Bo closes Olga's account for the time being
    Then he is told "permission_missing"
    When Bo signs Olga out everywhere
    Then he is told "permission_missing"
    And Olga's phone is signed in

  Scenario: Nobody bans themself
    When Olga bans Olga
    Then they are told "not_yourself"

  Scenario: Nobody makes themself more than they are
    Given Bo works in support
    When Bo makes Bo admin
    Then he is told "permission_missing"
    And Bo's role is "support"

  Scenario: The last administrator stays
    When whoever runs Daler bans Olga
    Then they are told "last_admin"

  # What stays on record

  Scenario: Looking is seen, and shows no more than is needed
    Given Bo works in support
    When Bo looks at Anna's account
    Then he sees the address "a***@e***.no"
    And her trail ends with "somebody who looked"
    And it was Bo who did it

  Scenario: What somebody of the staff did
    Given Olga has banned Anna
    And Olga has looked at Anna's account
    Then what Olga did to others is
      | whom | what                |
      | Anna | somebody who looked |
      | Anna | a ban               |
    And every trail is whole
