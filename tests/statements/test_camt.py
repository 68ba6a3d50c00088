"""CAMT.053 by the book, and as banks write it."""

from datetime import date

import pytest

from domain.shared.observations import EntryStatus
from tests.statements.support import amounts, read, refusal, rows, summaries

VERSIONS = [f"001.{n:02d}" for n in range(2, 14)]


def balance(code: str, amount: str, day: str = "2025-01-31", currency: str = "NOK") -> str:
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(amount: str, *, more: str = "", status: str = "BOOK", tx: str | None = None) -> str:
    sign = "DBIT" if amount.startswith("-") else "CRDT"
    inner = "" if tx is None else f"<NtryDtls>{tx}</NtryDtls>"
    return (
        f'<Ntry><Amt Ccy="NOK">{amount.lstrip("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"<Sts>{status}</Sts><BookgDt><Dt>2025-01-15</Dt></BookgDt>{more}{inner}</Ntry>"
    )


def statement(*entries: str, balances: str | None = None, closing: str = "100") -> str:
    bal = balance("OPBD", "100") + balance("CLBD", closing) if balances is None else balances
    return (
        "<Stmt><Id>S-1</Id><Acct><Id><IBAN>NO9386011117947</IBAN></Id><Ccy>NOK</Ccy></Acct>"
        f"{bal}{''.join(entries)}</Stmt>"
    )


def document(*statements: str, version: str = "001.08") -> str:
    return (
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{version}">'
        f"<BkToCstmrStmt><GrpHdr/>{''.join(statements)}</BkToCstmrStmt></Document>"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_read(version: str) -> None:
    text = document(statement(entry("-10.50"), closing="89.50"), version=version)

    assert amounts(read(text.encode())) == ["-10.50"]


def test_any_namespace_and_none_at_all() -> None:
    text = document(statement(entry("1"), closing="101"))
    prefixed = text.replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?")
    prefixed = prefixed.replace("xmlns=", "xmlns:c=")
    start = text.index(" xmlns=")
    bare = text[:start] + text[text.index(">", start) :]

    assert amounts(read(prefixed.encode())) == amounts(read(bare.encode())) == ["1.00"]


def test_a_reversal_goes_the_way_the_indicator_says() -> None:
    back = entry("-30", more="<RvslInd>true</RvslInd>")

    assert amounts(read(document(statement(back, closing="70")).encode())) == ["-30.00"]


@pytest.mark.parametrize("word", ["PDNG", "<Cd>PDNG</Cd>", "<Cd>FUTR</Cd>"])
def test_pending_entries_stay_out_of_the_sum(word: str) -> None:
    (part,) = read(document(statement(entry("-10", status=word))).encode())

    assert part.transactions[0].status is EntryStatus.PENDING
    assert part.summary is not None
    assert (part.summary.booked, part.summary.pending) == (0, 1)


def test_information_is_left_out_and_said() -> None:
    (part,) = read(document(statement(entry("-10", status="INFO"))).encode())

    assert part.transactions == ()
    assert part.summary is not None
    assert part.summary.skipped == 1
    assert "only information" in part.notes[0]


def test_a_pending_entry_keeps_its_name_when_it_is_booked() -> None:
    (before,) = rows(read(document(statement(entry("-10", status="PDNG"))).encode()))
    (after,) = rows(read(document(statement(entry("-10"), closing="90")).encode()))

    assert before.id == after.id


def test_a_batch_is_one_entry_and_must_come_to_its_parts() -> None:
    part = '<TxDtls><Amt Ccy="NOK">{}</Amt><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>'
    good = entry("-30", tx=part.format(10, "a") + part.format(20, "b"))
    bad = entry("-30", tx=part.format(10, "a") + part.format(21, "b"))
    kept_back = entry("-30", tx="<Btch><NbOfTxs>9</NbOfTxs></Btch>" + part.format(1, "a") * 2)

    assert rows(read(document(statement(good, closing="70")).encode()))[0].text == "a; b"
    assert "Ntry[1]/NtryDtls" in str(refusal(document(statement(bad, closing="70"))).element)
    assert amounts(read(document(statement(kept_back, closing="70")).encode())) == ["-30.00"]


def test_texts_and_parties() -> None:
    tx = (
        "<TxDtls><Refs><EndToEndId>{e2e}</EndToEndId></Refs><RltdPties>"
        "<Dbtr>{payer}</Dbtr><Cdtr><Pty><Nm>Me</Nm></Pty></Cdtr></RltdPties>{info}</TxDtls>"
    )

    def said(e2e: str, payer: str, info: str) -> tuple[str, str | None]:
        text = tx.format(e2e=e2e, payer=payer, info=info)
        row = rows(read(document(statement(entry("5", tx=text), closing="105")).encode()))[0]
        return row.text, row.counterparty

    ustrd = "<RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd></RmtInf>"
    strd = "<RmtInf><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>"
    assert said("NOTPROVIDED", "<Nm>Kari</Nm>", ustrd) == ("one two", "Kari")
    assert said("E-1", "<Pty><Nm>Kari</Nm></Pty>", strd) == ("RF18", "Kari")
    assert said("E-1", "", "") == ("E-1", None)
    assert said("NOTPROVIDED", "", "") == ("", None)


def test_dates_with_and_without_time() -> None:
    timed = entry("1").replace(
        "<Dt>2025-01-15</Dt>", "<DtTm>2025-01-15T23:30:00.000000000+02:00</DtTm>"
    )
    valued = entry("1").replace("BookgDt", "ValDt")
    text = document(statement(timed, valued, closing="102"))

    assert {row.booked_on for row in rows(read(text.encode()))} == {date(2025, 1, 15)}


def test_the_servicers_reference_names_the_entry_and_the_running_number_does_not() -> None:
    def name(reference: str, number: str, text: str) -> str:
        more = (
            f"<NtryRef>{number}</NtryRef><AcctSvcrRef>{reference}</AcctSvcrRef>"
            f"<AddtlNtryInf>{text}</AddtlNtryInf>"
        )
        one = entry("1", more=more)
        return rows(read(document(statement(one, closing="101")).encode()))[0].id

    assert name("R1", "1", "a") == name("R1", "2", "b")
    assert name("NONREF", "1", "a") == name("", "2", "a")
    assert name("NONREF", "1", "a") != name("NONREF", "1", "b")


def test_balances_of_several_kinds_and_days() -> None:
    days = (
        balance("OPBD", "100", "2025-01-01")
        + balance("CLBD", "90", "2025-01-01")
        + balance("OPBD", "90", "2025-01-02")
        + balance("CLBD", "80", "2025-01-02")
        + balance("CLAV", "70", "2025-01-02")
        + balance("FWAV", "1", "2025-01-03")
        + balance("CLBD", "999", "2025-01-02", "EUR")
    )
    two = (entry("-10"), entry("-10"))

    (part,) = read(document(statement(*two, balances=days)).encode())

    assert part.account.balance is not None
    assert str(part.account.balance.booked) == "80.00 NOK"
    assert str(part.account.balance.available) == "70.00 NOK"
    for pair in (("PRCD", "CLBD"), ("ITBD", "CLBD"), ("OPBD", "ITBD"), ("ITBD", "ITBD")):
        bal = balance(pair[0], "100") + balance(pair[1], "80")
        assert len(rows(read(document(statement(*two, balances=bal)).encode()))) == 2


def test_debit_balances_are_negative() -> None:
    bal = balance("OPBD", "-100") + balance("CLBD", "-90")

    (part,) = read(document(statement(entry("10"), balances=bal)).encode())

    assert part.account.balance is not None
    assert str(part.account.balance.booked) == "-90.00 NOK"


def test_without_an_opening_balance_the_count_must_do() -> None:
    only = balance("CLBD", "90")
    summed = only + "<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries></TtlNtries></TxsSummry>"

    (part,) = read(document(statement(entry("-10"), balances=only)).encode())
    assert "could not be checked" in part.notes[0]
    assert read(document(statement(entry("-10"), balances=summed.format("01"))).encode())
    assert "announces" in str(refusal(document(statement(entry("-10"), balances=summed.format(2)))))


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        (document(statement(balances=balance("OPBD", "1"))), "Stmt[1] (Id S-1)/Bal", "CLBD"),
        (document(statement(entry("1"))), "Stmt[1] (Id S-1)", "add up"),
        (document(statement(entry("1").replace('"NOK"', '"EUR"'))), "Ntry[1]/Amt", "EUR"),
        (document(statement(entry("1").replace('"NOK"', '"XXQ"'))), "Ntry[1]/Amt", "ISO 4217"),
        (document(statement(entry("1").replace(">1<", ">1,5<"))), "Ntry[1]/Amt", "not an amount"),
        (document(statement(entry("1").replace(">1<", ">1e2<"))), "Ntry[1]/Amt", "not an amount"),
        (document(statement(entry("1").replace("CRDT", "CREDIT"))), "CdtDbtInd", "CREDIT"),
        (document(statement(entry("1", status="HOLD"))), "Ntry[1]/Sts", "HOLD"),
        (document(statement(entry("1").replace("2025-01-15", "15.1.25"))), "BookgDt", "not a date"),
        (document(statement(entry("1").replace("BookgDt", "Other"))), "BookgDt", "booking date"),
        (document(statement().replace("<IBAN>NO9386011117947</IBAN>", "")), "Acct/Id", "account"),
        (document(), "BkToCstmrStmt", "no statement"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_element(text: str, place: str, word: str) -> None:
    error = refusal(text)

    assert error.element is not None
    assert place in error.element
    assert word in str(error)


def test_broken_xml_is_refused_with_its_line() -> None:
    text = document(statement(entry("1"))).replace("<Ntry>", "\n<Ntry>").replace("</Sts>", "</St>")

    assert refusal(text).line == 2


def test_accounts_without_iban_and_several_statements() -> None:
    first = statement(entry("1"), closing="101")
    other = first.replace("<IBAN>NO9386011117947</IBAN>", "<Othr><Id>8601 11 17947</Id></Othr>")

    parts = read(document(first, other).encode())

    assert [part.account.number for part in parts] == ["NO9386011117947", "86011117947"]
    assert [part.statement for part in parts] == [1, 2]
    assert [s.booked for s in summaries(parts)] == [1, 1]


def test_a_statement_without_entries_is_fine() -> None:
    (part,) = read(document(statement()).encode())

    assert part.transactions == ()
    assert part.account.balance is not None


def test_other_encodings_of_xml() -> None:
    more = "<AddtlNtryInf>Blåbær</AddtlNtryInf>"
    text = document(statement(entry("1", more=more), closing="101"))

    for encoding in ("iso-8859-1", "utf-16", "windows-1252"):
        declared = text.replace('version="1.0"', f'version="1.0" encoding="{encoding}"', 1)
        assert rows(read(declared.encode(encoding)))[0].text == "Blåbær"


def test_many_entries_come_in_parts() -> None:
    parts = read(document(statement(*[entry("1")] * 2100, closing="2200")).encode())

    assert [len(part.transactions) for part in parts] == [1000, 1000, 100]
    assert len({row.id for row in rows(parts)}) == 2100
