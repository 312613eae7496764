from connectors.mail.form.flowed import FIXED, Flow, unbroken
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter

FLOWED = Flow(flowed=True)


def test_lines_that_end_with_a_space_go_on() -> None:
    assert unbroken("One \ntwo \nthree.\nFour.", FLOWED) == "One two three.\nFour."


def test_only_within_one_depth_of_quotation() -> None:
    assert unbroken("> One \n> two\n>> three \nfour", FLOWED) == "> One two\n>> three \nfour"


def test_a_stuffed_space_is_taken_away_and_a_signature_ends_a_paragraph() -> None:
    assert unbroken(" From here \n-- \nAnn", FLOWED) == "From here \n-- \nAnn"


def test_a_space_that_is_not_the_writers_is_deleted() -> None:
    assert unbroken("日本 \n語", Flow(flowed=True, delsp=True)) == "日本語"


def test_a_text_that_is_not_flowed_stays() -> None:
    assert unbroken("One \ntwo", FIXED) == "One \ntwo"


def test_the_reply_is_unbroken_and_the_text_is_as_it_was_sent() -> None:
    mail = parse(letter("Content-Type: text/plain; format=flowed\n", "It is \nbroken.\n"))
    assert mail.reply == "It is broken."
    assert mail.text == "It is \nbroken."
