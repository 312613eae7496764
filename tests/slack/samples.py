"""A form and the buttons of a card, as an app would send them."""

from tests.slack.nouns import Json

TITLE = {"type": "plain_text", "text": "A ticket"}
OPTIONS = [{"text": {"type": "plain_text", "text": value}, "value": value} for value in ("low", "high")]
FORM: Json = {
    "type": "modal",
    "callback_id": "file",
    "title": TITLE,
    "submit": TITLE,
    "blocks": [
        {
            "type": "input",
            "block_id": "about",
            "label": TITLE,
            "element": {"type": "plain_text_input", "action_id": "summary"},
        },
        {
            "type": "input",
            "block_id": "urgency",
            "label": TITLE,
            "element": {
                "type": "static_select",
                "action_id": "priority",
                "options": OPTIONS,
                "initial_option": OPTIONS[0],
            },
        },
    ],
}
CARD: list[Json] = [
    {
        "type": "actions",
        "block_id": "verbs",
        "elements": [
            {"type": "button", "action_id": "take", "value": "t-1", "text": TITLE},
            {"type": "static_select", "action_id": "priority", "options": OPTIONS, "placeholder": TITLE},
            {"type": "users_select", "action_id": "assign", "placeholder": TITLE},
        ],
    }
]
