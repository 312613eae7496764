import pytest

from connectors.mail.trimming.trim import trim


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Sent from HEY",
        "<< sent by galaxy >>",
        "Sent with Spark [https://example.org]",
        "Get Outlook for iOS",
        "Outlook voor Android downloaden",
        "Verstuurd vanaf mijn Huawei-telefoon",
        "Diese E-Mail wurde von meinem Mobiltelefon gesendet",
        "Enviado do meu telemóvel",
        "发自我的华为手机",
        "Sorry, sent from my phone\nPlease excuse my typos",
    ],
)
def test_what_a_program_adds_below_is_taken_away(line: str) -> None:
    reply, elided = trim(f"It works.\n\n{line.split('Sorry, ')[-1]}")
    assert reply == "It works."
    assert elided


@pytest.mark.parametrize(
    "last",
    [
        "Sent the phone back yesterday",
        "Sent via the form on Monday, and nobody answered",
        "my phone was never sent",
        "Das Handy wurde nicht gesendet",
        "I use Outlook for Android",
        "The message was scanned and has a virus",
        "Telefon gönderildi",
        "Get me the Outlook password",
    ],
)
def test_a_customers_last_line_about_such_things_stays(last: str) -> None:
    assert trim(f"Hello,\n{last}") == (f"Hello,\n{last}", "")


@pytest.mark.parametrize(
    "below",
    [
        "--\nSecond: could you look at the import, too?",
        f"--\n{'The import fails with an error that nobody understands. ' * 3}",
        "---\nThe import fails",
        "_____\nWhen will it be there?",
        "—\nThe import fails: see https://example.org/log",
        "-----\n" + "A line of a longer text\n" * 9 + "https://example.org",
    ],
)
def test_a_line_drawn_between_paragraphs_begins_no_signature(below: str) -> None:
    text = f"First: the export fails.\n{below}".strip()
    assert trim(text) == (text, "")


def test_the_standards_signature_may_ask_and_be_long() -> None:
    below = f"-- \nJo Park\n{'A motto. ' * 30}\nQuestions?"
    assert trim(f"It works.\n{below}") == ("It works.", below)


def test_what_is_between_the_signs_of_openpgp_stays() -> None:
    signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nReset it.\n"
    signature = "-----BEGIN PGP SIGNATURE-----\n\nabc=\n-----END PGP SIGNATURE-----"
    reply, elided = trim(f"{signed}{signature}\nand this")
    assert reply.split() == ["Reset", "it.", "and", "this"]
    assert "abc=" in elided


def test_a_signature_of_openpgp_that_doesnt_end_takes_nothing_away() -> None:
    text = "Reset it.\n-----BEGIN PGP SIGNATURE-----\nabc\nand this"
    assert trim(text) == (text, "")


DISCLAIMER = "This message is confidential. If you are not the recipient, delete it."


def test_disclaimers_at_the_end_are_taken_away_and_none_in_between() -> None:
    assert trim(f"Hello.\n\n{DISCLAIMER}\n\n{DISCLAIMER}")[0] == "Hello."
    text = f"Hello.\n\n{DISCLAIMER}\n\nThat is what they wrote to me."
    assert trim(text) == (text, "")


def test_a_paragraph_that_asks_is_no_disclaimer() -> None:
    text = f"Hello.\n\nYou wrote: {DISCLAIMER} Shall I delete it?"
    assert trim(text) == (text, "")
