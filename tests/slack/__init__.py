"""A Slack of our own: one workspace with the app installed, over real sockets. `FakeSlack` in server.py is the door."""

from tests.slack.faults import ALWAYS, Download
from tests.slack.nouns import Kind, Message
from tests.slack.people import Person
from tests.slack.server import FakeSlack

__all__ = ["ALWAYS", "Download", "FakeSlack", "Kind", "Message", "Person"]
