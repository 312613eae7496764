"""Automatic replies without the headers that would say so."""

import pytest

from bot.model import Kind
from connectors.mail.parse import parse
from tests.connectors.mail.letters import letter

HEAD = "Content-Type: text/plain; charset=utf-8\n"
ANSWER = HEAD + "Subject: Re: Help\nIn-Reply-To: <a@desk.example>\n"


def kind(head: str, body: str = "x\n") -> Kind:
    return parse(letter(head, body)).kind


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply", "Automatische Antwort", "Réponse automatique ", "Respuesta automática", "Resposta automática",
     "Risposta automatica", "Automatisch antwoord", "Autosvar", "Automatisk svar", "Automaattinen vastaus",
     "Automatyczna odpowiedź", "Automatická odpověď", "Automatická odpoveď", "Automatikus válasz", "Răspuns automat",
     "Автоматичен отговор", "Автоматический ответ", "Автоматична відповідь", "Аутоматски одговор", "Αυτόματη απάντηση",
     "Otomatik yanıt", "מענה אוטומטי", "رد تلقائي", "پاسخ خودکار", "自動応答", "自动答复", "自動回覆", "자동 회신",
     "Trả lời tự động", "ตอบกลับอัตโนมัติ", "Balasan otomatis", "Automatski odgovor", "Samodejni odgovor", "Automaatvastus",
     "Automātiskā atbilde", "Automatinis atsakymas", "Resposta automàtica", "Sjálfvirkt svar", "Erantzun automatikoa"],
)  # fmt: skip
def test_mail_programs_say_it_above_in_their_language(subject: str) -> None:
    assert kind(f"Subject: {subject}: Help\n") is Kind.AUTO_REPLY


NOTICES = [
    "Thank you for your email. I am out of the office until 5 May.\nFor urgent matters please contact Bo.\n\nAnn",
    "Guten Tag,\nich bin bis 5. Mai nicht im Büro. In dringenden Fällen wenden Sie sich bitte an Bo Beck.\n\nAnn",
    "Bonjour,\nJe suis absente jusqu'au 5 mai. En cas d'urgence, merci de contacter bo@example.org.\nCordialement,",
    "Estoy fuera de la oficina hasta el 5 de mayo. Si es urgente, por favor escriba a bo@example.org.",
    "Sono fuori ufficio fino al 5 maggio. Risponderò al mio rientro.",
    "Ik ben afwezig tot 5 mei. Bij dringende vragen kunt u contact opnemen met bo@example.org.",
    "Jestem na urlopie do 5 maja. W pilnych sprawach proszę o kontakt z bo@example.org.",
    "Добрый день! Я в отпуске до 5 мая. По срочным вопросам пишите на bo@example.org.",
    "休暇をいただいております。\n5月6日以降に返信いたします。お急ぎの場合は bo@example.org までご連絡ください。",
]


@pytest.mark.parametrize("text", NOTICES)
def test_an_answer_that_says_nothing_but_that_somebody_is_away(text: str) -> None:
    assert kind(ANSWER, f"{text}\n\n> Please help me.\n") is Kind.AUTO_REPLY


@pytest.mark.parametrize("text", NOTICES)
def test_with_anything_else_in_it_it_is_a_persons(text: str) -> None:
    assert kind(ANSWER, f"{text}\nAny news?\n") is Kind.MESSAGE
    assert kind(ANSWER, f"The printer that you sent me last week does not print.\n{text}\n") is Kind.MESSAGE


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Vacation policy", "How many days do I get?"),
        ("Auto reply not working", "My auto reply does not work since Monday."),
        ("Out of office reply does not work", "Please help."),
        ("Urlaub", "Ich bin nächste Woche im Urlaub. Stornieren Sie bitte die Lieferung."),
        ("Re: order", "I am out of the office until Monday. Please cancel my order, I'll be back on 5 May."),
        ("Re: order", "I was on holiday, sorry for the late reply. The printer still doesn't print."),
        ("Re: case", "I am on leave from tomorrow. My colleague Bo takes over the case."),
        ("不在", "明日は不在です。荷物を金曜日に届けてください。"),
    ],
)
def test_who_writes_about_being_away_is_a_person(subject: str, text: str) -> None:
    assert kind(f"{HEAD}Subject: {subject}\nIn-Reply-To: <a@desk.example>\n", text) is Kind.MESSAGE


@pytest.mark.parametrize(
    "text",
    [
        "Your request (#123) has been received and is being reviewed by our support staff.",
        "##- Please type your reply above this line -##\n\nWe will answer soon.",
        "Ihre Anfrage ist bei uns eingegangen.",
        "Votre demande a bien été reçue.",
        "Please confirm your message by clicking on this link.",
    ],
)
def test_another_desks_acknowledgement_is_automatic_when_it_was_sent_by_itself(text: str) -> None:
    assert kind(f"{HEAD}Auto-Submitted: auto-generated\n", text) is Kind.AUTO_REPLY
    assert kind(HEAD, text) is Kind.MESSAGE


def test_a_web_form_that_writes_as_no_reply_passes_on_a_persons_words() -> None:
    raw = letter(
        HEAD + "Reply-To: bo@example.com\n", "I received your invoice but it is wrong.\n", sender="From: no-reply@x\n"
    )
    assert parse(raw).kind is Kind.MESSAGE
