Feature: Bringing statements in
  A person has files from banks that cannot be linked, and from years before they were. They want
  everything in them in their ledger once, and never a half of anything.

  Scenario: A file names its account
    When Anna imports the statement "asn-bank.mt940"
    Then 8 transactions are new
    And her account "NL81ASNB9999999999" holds 501.23 EUR

  Scenario: A file with two statements
    When Anna imports the statement "camt053-v2-two-statements.xml"
    Then 2 transactions are new
    And her account "NL26VAYB8060476890" holds 20.00 EUR

  Scenario: A list that she has made herself
    When Anna imports the statement "plain.csv" as "Everyday"
    Then 4 transactions are new
    And her account "Everyday" holds 924.20 NOK
    And she is told that "NOK was taken"

  Scenario: Two equal bus fares are two bus fares
    When Anna imports the statement "plain.csv"
    Then she has 2 transactions of -12.90 NOK on 2025-01-17

  Scenario: The same file again
    Given Anna has imported the statement "plain.csv"
    When Anna imports the statement "plain.csv"
    Then 0 transactions are new
    And 4 transactions are known
    And her account "Imported account" holds 924.20 NOK

  Scenario: Files that overlap
    Given Anna has imported this list
      | date       | amount  | merchant |
      | 2026-01-01 | -129.90 | Rema     |
      | 2026-01-02 | -39.00  | Ruter    |
    When Anna imports this list
      | date       | amount  | merchant |
      | 2026-01-02 | -39.00  | Ruter    |
      | 2026-01-03 | -39.00  | Ruter    |
    Then 1 transactions are new
    And 1 transactions are known
    And her account "Imported account" holds -207.90 NOK

  Scenario: What she has said stays said
    Given Anna has imported the statement "plain.csv"
    And she has called the transaction of -50.00 NOK "Coffee with Kari" in "food.coffee"
    When Anna imports the statement "plain.csv"
    Then 0 transactions are new
    And her transaction "Coffee with Kari" is in "food.coffee"

  Scenario: A word of her own for a category is kept
    When Anna imports this list
      | date       | amount  | merchant | category |
      | 2026-01-01 | -300.00 | Garnhuset | Knitting |
    Then her transaction "Garnhuset" has the note "Knitting"
    And she is told that "category 'Knitting' is not known"

  Scenario: Looking before leaping
    When Anna tries the statement "asn-bank.mt940" out
    Then 8 transactions would be new
    And she has no account

  Scenario: A damaged file
    When Anna imports the statement "plain.csv" with its line 3 damaged
    Then it is refused because of "line 3"
    And she has no account

  Scenario: A file that ends too early
    When Anna imports the first half of the statement "asn-bank.mt940"
    Then it is refused because of "line"
    And she has no account

  Scenario: Not a statement
    When Anna imports a picture
    Then she is told "statement_refused"
    And nothing is remembered of it

  Scenario: A bank that is linked tells by itself
    Given Anna's bank feeds her account "Everyday" with the number "NL81ASNB9999999999"
    When Anna imports the statement "asn-bank.mt940"
    Then it is refused as "account_fed_by_bank"

  Scenario: Into the account she chooses
    Given Anna has an account "Cash" with 100.00 NOK
    When Anna imports the statement "plain.csv" into "Cash"
    Then her account "Cash" holds 1024.20 NOK

  Scenario: Not into an account of another currency
    Given Anna has an account "Cash" with 100.00 NOK
    When Anna imports the statement "asn-bank.mt940" into "Cash"
    Then it is refused as "statement_of_another_account"
    And her account "Cash" holds 100.00 NOK

  Scenario: Each to their own
    Given Anna has imported the statement "plain.csv"
    When Bjørn imports the statement "plain.csv"
    Then 4 transactions are new
    And he is told that "SEK was taken"
