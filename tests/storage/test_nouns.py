"""What the tables promise, on both databases: one test per promise."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.clock import SetClock
from bot.ids import new_id
from bot.model import (
    Actor,
    ActorKind,
    Answer,
    Arrival,
    Audience,
    Citation,
    ConversationState,
    Decision,
    DeliveryState,
    FileTicket,
    Form,
    Identity,
    Inbound,
    Kind,
    Lane,
    Level,
    Parcel,
    ParcelKind,
    Passage,
    Priority,
    Proposal,
    Receipt,
    Rendered,
    Role,
    Thread,
    TicketState,
    Visibility,
)
from bot.store import Conflict
from storage.transaction import SqlTransaction
from tests.storage.conftest import Begin, later

ANN = Identity("mail", "ann@example.org", "Ann")
BEA = Identity("mail", "bea@example.org", "Bea")
ADDRESS = {"to": {"name": "Ann", "address": "ann@example.org"}, "subject": "Help"}


def arrival(key: str = "k", raw: bytes = b"hello", channel: str = "smtp") -> Arrival:
    return Arrival(new_id(), channel, key, raw, {"from": "ann@example.org"})


def inbound(text: str = "Where is my parcel?", **more: object) -> Inbound:
    return Inbound(Kind.MESSAGE, ANN, subject="Help", text=text, reply=text, **more)


def opened(tx: SqlTransaction, key: str = "t") -> Thread:
    made = tx.conversations.open(team="support", channel="smtp", customer=ANN, subject="Help", possible_reply_to=None)
    tx.threads.join(made, ANN)
    return tx.threads.open(made, "smtp", key, Audience.CUSTOMER, ADDRESS)


def said(tx: SqlTransaction, thread: Thread, text: str = "Hi", **more: object) -> UUID | None:
    return tx.conversations.add(thread.conversation, thread, None, inbound(text, **more), tx.now)


def parcel(tx: SqlTransaction, thread: Thread, **more: object) -> Parcel:
    values = {"form": Form.REPLY, "kind": ParcelKind.ANSWER, "text": "Here", "automatic": True} | more
    return Parcel(
        id=new_id(),
        thread=thread.id,
        channel="smtp",
        conversation=thread.conversation,
        address=ADDRESS,
        created_at=tx.now,
        **values,
    )


# ------------------------------------------------------------------ arrivals


def test_the_same_transport_key_is_kept_once_and_promised_like_the_first(begin: Begin) -> None:
    one, same, other = arrival(), arrival(), arrival("other")
    with begin() as tx:
        first, repeat, second = tx.arrivals.keep([one, same, other])
        assert (first.id, first.seen_before) == (one.id, False)
        assert (repeat.id, repeat.seen_before) == (one.id, True)
        assert second.id == other.id
    with begin() as tx:
        assert [k.id for k in tx.arrivals.keep([arrival()])] == [one.id]
        assert {j.subject for j in tx.jobs.rows(lane=Lane.READ)} == {str(one.id), str(other.id)}
        found = tx.arrivals.get(one.id)
        assert found is not None
        assert (found.raw, found.envelope) == (b"hello", {"from": "ann@example.org"})


def test_the_same_key_in_another_channel_is_another_arrival(begin: Begin) -> None:
    with begin() as tx:
        kept = tx.arrivals.keep([arrival(), arrival(channel="imap")])
        assert [k.seen_before for k in kept] == [False, False]


def test_arrivals_are_listed_in_pages_by_state(begin: Begin) -> None:
    coming = [arrival(str(n)) for n in range(3)]
    with begin() as tx:
        tx.arrivals.keep(coming)
        tx.arrivals.close(coming[1].id, "set aside", "poison")
        assert [row.id for row in tx.arrivals.since(coming[0].id, state=None, limit=1)] == [coming[1].id]
        (aside,) = tx.arrivals.since(None, state="set aside", limit=9)
        assert (aside.id, aside.problem, aside.size) == (coming[1].id, "poison", 5)


# ------------------------------------------------------------------ conversations and threads


def test_messages_are_ordered_by_when_they_were_kept(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        thread = opened(tx)
        for text, age in (("second", 1), ("first", 2), ("third", 0)):
            tx.conversations.add(thread.conversation, thread, None, inbound(text), clock.now() - timedelta(hours=age))
    with begin() as tx:
        found = tx.conversations.get(thread.conversation)
        assert found is not None
        assert [m.text for m in found.messages] == ["first", "second", "third"]
        assert found.revision == 3


def test_the_same_words_by_two_roads_are_one_message(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        assert said(tx, thread, content_key="same") is not None
        assert said(tx, thread, content_key="same") is None
        assert tx.conversations.knows("same") == thread.conversation
        assert tx.conversations.knows("other") is None


def test_every_change_raises_the_revision_and_nothing_else_does(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        one = said(tx, thread)
        assert one is not None
        tx.conversations.revise(one, inbound("read again"))
        tx.conversations.become(thread.conversation, ConversationState.HUMAN)
        tx.conversations.become(thread.conversation, ConversationState.HUMAN)
        tx.jobs.put(Lane.TRIAGE, str(thread.conversation))
        tx.jobs.claim(Lane.TRIAGE, at_most=1, lease=timedelta(seconds=9))
        found = tx.conversations.lock(thread.conversation)
        assert (found.revision, found.messages[0].text) == (3, "read again")


def test_a_turn_is_decided_once(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        one, two = said(tx, thread, "one"), said(tx, thread, "two")
        assert one
        assert two
        tx.conversations.decide(decision(thread.conversation, one))
    with begin() as tx:
        found = tx.conversations.lock(thread.conversation)
        assert found.turn == 1
        assert [m.id for m in found.undecided()] == [two]
        (row,) = tx.conversations.decisions(thread.conversation)
        assert (row.action, row.proposed, row.overruled) == ("FileTicket", "Answer", ("no-citation",))
        assert row.detail["citations"][0]["article"] == "parcels"
        assert row.detail["answer"] == "It is on its way."
    with pytest.raises(Conflict), begin() as tx:
        tx.conversations.decide(decision(thread.conversation, two))


def decision(conversation: UUID, *saw: UUID) -> Decision:
    passage = Passage(new_id(), "parcels", "Parcels", "", "It is on its way.")
    answer = Answer("It is on its way.", (Citation(passage, "It is on its way."),))
    return Decision(
        id=new_id(),
        conversation=conversation,
        turn=1,
        revision=2,
        saw=saw,
        action=FileTicket("no evidence", draft=answer),
        proposal=Proposal(answer, "local"),
        level=Level.AUTOMATIC,
        overruled=("no-citation",),
    )


def test_a_key_leads_a_participant_to_the_thread_and_a_stranger_nowhere(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        tx.threads.take(thread.id, "mail", "m1@x", ANN.value)
        tx.threads.learn(thread.id, "mail", ["m1@x", "m0@x"], ANN.value)
        for keys in (["m1@x"], ["none@x", "m0@x"]):
            assert tx.threads.by_key("mail", keys, ANN.value) == thread
        assert tx.threads.by_key("mail", ["m1@x"], BEA.value) is None
        assert tx.threads.by_key("slack", ["m1@x"], ANN.value) is None
        assert tx.threads.by_key("mail", [], ANN.value) is None
        assert tx.threads.by_any("mail", ["m1@x"]) == thread
        assert tx.threads.is_participant(thread.conversation, ANN)
        assert not tx.threads.is_participant(thread.conversation, BEA)


def test_the_loser_of_a_race_for_a_key_is_told(begin: Begin) -> None:
    with begin() as tx:
        winner = opened(tx, "winner")
        tx.threads.take(winner.id, "mail", "m1@x", ANN.value)
    with pytest.raises(Conflict), begin() as tx:
        tx.threads.take(opened(tx, "loser").id, "mail", "m1@x", ANN.value)
    with begin() as tx:
        assert tx.threads.by_key("mail", ["m1@x"], ANN.value) == winner
        with pytest.raises(Conflict):
            opened(tx, "winner")


def test_a_conversation_is_found_by_whatever_somebody_has_at_hand(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        one = said(tx, thread, key="m1@x")
        ticket = file(tx, thread)
        owed = parcel(tx, thread)
        tx.outbox.put(owed)
        tx.outbox.fix(owed.id, Rendered(b"", "fl.1@x", ()))
        ids = (thread.conversation, thread.id, one, ticket.number, owed.id)
        for name in (*ids, "<m1@x>", "m1@x", f"#{ticket.number}", "fl.1@x"):
            assert tx.conversations.find(str(name)) == thread.conversation, name
        for name in ("", "nobody@x", "999999", str(new_id())):
            assert tx.conversations.find(name) is None


# ------------------------------------------------------------------ tickets


def file(tx: SqlTransaction, thread: Thread, priority: Priority = Priority.NORMAL, draft: str = "") -> object:
    return tx.tickets.file(
        thread.conversation,
        team="support",
        priority=priority,
        category="other",
        title="Help",
        reason="why",
        draft=draft,
    )


def test_a_conversation_has_at_most_one_unsolved_ticket(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        first = file(tx, thread, Priority.HIGH, "a draft")
        again = file(tx, thread, Priority.LOW)
        assert (again.number, again.priority, again.draft) == (first.number, Priority.HIGH, "a draft")
        tx.tickets.become(first.number, TicketState.CLOSED)
        assert tx.tickets.unsolved(thread.conversation) is None
        second = file(tx, thread)
        assert second.number > first.number > 1000
        assert tx.tickets.last(thread.conversation) == second
        assert [t.number for t in tx.tickets.rows()] == [first.number, second.number]
        assert tx.tickets.rows(states=[TicketState.NEW]) == [second]


def test_a_ticket_is_taken_once_until_it_is_given_away(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        number = file(tx, opened(tx)).number
        ann, bea = (tx.people.add_agent(name, Role.AGENT, []).id for name in ("ann", "bea"))
        assert tx.tickets.take(number, ann)
        assert not tx.tickets.take(number, bea)
        assert not tx.tickets.take(number, ann)
        assert (tx.tickets.get(number).assignee, tx.tickets.get(number).assigned_at) == ("ann", clock.now())
        tx.tickets.assign(number, None)
        assert tx.tickets.get(number).assigned_at is None
        assert tx.tickets.take(number, bea)


def test_a_ticket_is_woken_once_and_by_the_clock_not_early(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        first, second = (file(tx, opened(tx, key)).number for key in "ab")
        tx.tickets.snooze(first, clock.now() + timedelta(hours=2))
        tx.tickets.snooze(second, clock.now() + timedelta(hours=1))
        assert not tx.tickets.wake(first, overslept=True)
    later(clock, hours=2)
    with begin() as tx:
        assert tx.tickets.overslept() == [second, first]
        assert tx.tickets.overslept(limit=1) == [second]
        assert [tx.tickets.wake(first, overslept=True) for _ in range(2)] == [True, False]
        assert [tx.tickets.wake(second) for _ in range(2)] == [True, False]
        assert [tx.tickets.get(one).state for one in (first, second)] == [TicketState.OPEN, TicketState.OPEN]


def test_a_ticket_tells_since_when_it_is_in_its_state(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        ticket = file(tx, opened(tx))
        assert ticket.state_since == clock.now()
    later(clock, hours=1)
    with begin() as tx:
        tx.tickets.set_priority(ticket.number, Priority.LOW)
        assert tx.tickets.get(ticket.number).state_since == ticket.state_since
        tx.tickets.become(ticket.number, TicketState.CLOSED, closed_as="not a request")
        closed = tx.tickets.get(ticket.number)
        assert (closed.state_since, closed.closed_as) == (clock.now(), "not a request")


def test_an_escalation_is_taken_with_its_ticket(begin: Begin) -> None:
    with begin() as tx:
        ticket = file(tx, opened(tx))
        tx.tickets.call(ticket.id, "angry")
        agent = tx.people.add_agent("ann", Role.AGENT, [])
        tx.tickets.taken(ticket.id, agent.id)
        tx.tickets.assign(ticket.number, agent.id)
        (call,) = tx.tickets.escalations(ticket.id)
        assert (call.reason, call.called_at, call.taken_by) == ("angry", None, "ann")
        assert tx.tickets.get(ticket.number).assignee == "ann"


# ------------------------------------------------------------------ the outbox


def test_a_thread_owes_its_parcels_in_order(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        one, two, three = (parcel(tx, thread, text=text) for text in ("1", "2", "3"))
        for owed in (one, two, three):
            tx.outbox.put(owed)
        tx.outbox.fix(one.id, Rendered(b"bytes", "m@x", ("ann@example.org",), "Re: Help", "q@x"))
        tx.outbox.sending(one.id)
        first = tx.outbox.next_in(thread.id)
        assert (first.id, first.state, first.attempts, first.rendered) == (one.id, DeliveryState.SENDING, 1, b"bytes")
        tx.outbox.delivered(one.id, Receipt("m@x", "var/outbox/1.eml"))
        assert tx.outbox.next_in(thread.id).id == two.id
        tx.outbox.unknown(two.id, "cut")
        assert tx.outbox.next_in(thread.id).id == two.id
        tx.outbox.undeliverable(two.id, "no such box")
        assert tx.outbox.next_in(thread.id).id == three.id
        rows = tx.outbox.rows()
        assert [(r.text, r.state) for r in rows] == [("1", "delivered"), ("2", "undeliverable"), ("3", "pending")]
        assert (rows[0].message_id, rows[0].in_reply_to, rows[0].file) == ("m@x", "q@x", "var/outbox/1.eml")
        assert [r.text for r in tx.outbox.rows(after=one.id, limit=1)] == ["2"]
        assert tx.outbox.rows(conversation=new_id()) == []
        assert tx.jobs.find(Lane.DELIVER, str(thread.id)) is not None


def test_a_try_that_does_not_count_leaves_no_trace_in_the_attempts(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        owed = parcel(tx, thread)
        tx.outbox.put(owed)
        for counted, attempts in ((False, 0), (True, 1), (False, 1)):
            tx.outbox.sending(owed.id)
            tx.outbox.pending(owed.id, "later", counted=counted)
            assert tx.outbox.get(owed.id).attempts == attempts


def test_what_is_for_agents_never_goes_to_a_customers_thread(begin: Begin) -> None:
    with begin() as tx:
        thread = opened(tx)
        note = tx.conversations.say(
            thread.conversation,
            thread=None,
            author=Actor(ActorKind.AGENT, "ann"),
            visibility=Visibility.NOTE,
            text="a liar",
            key=new_id(),
        )
        for bad in (
            parcel(tx, thread, message=note),
            parcel(tx, thread, kind=ParcelKind.ESCALATION),
            parcel(tx, thread, kind=ParcelKind.ALERT, form=Form.ALERT),
        ):
            with pytest.raises(ValueError, match="is a customer's"):
                tx.outbox.put(bad)
        assert tx.outbox.rows() == []


def test_automatic_replies_to_an_address_are_counted_agents_words_are_not(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        thread = opened(tx)
        tx.outbox.put(parcel(tx, thread))
        tx.outbox.put(parcel(tx, thread, automatic=False, kind=ParcelKind.AGENT))
        yesterday = clock.now() - timedelta(hours=24)
        assert tx.outbox.automatic_since(ANN.value, yesterday) == 1
        assert tx.outbox.automatic_since(BEA.value, yesterday) == 0
        assert tx.outbox.automatic_since(ANN.value, clock.now()) == 0


def test_the_desks_automatic_replies_are_counted_up_to_a_limit(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        thread = opened(tx)
        for _ in range(3):
            tx.outbox.put(parcel(tx, thread))
        tx.outbox.put(parcel(tx, thread, automatic=False, kind=ParcelKind.AGENT))
        hour_ago = clock.now() - timedelta(hours=1)
        assert [tx.outbox.automatic(hour_ago, at_most=most) for most in (2, 10)] == [2, 3]
        assert tx.outbox.automatic(clock.now(), at_most=10) == 0


def test_what_comes_back_is_found_by_its_reference_and_undeliverable(begin: Begin) -> None:
    with begin() as tx:
        owed = parcel(tx, opened(tx))
        tx.outbox.put(owed)
        tx.outbox.fix(owed.id, Rendered(b"mail", "ref@desk", ("ann@example.org",), sender="support+t@desk"))
        tx.outbox.delivered(owed.id, Receipt("ref@desk"))
        assert tx.outbox.sent_as("ref@desk").sender == "support+t@desk"
        assert tx.outbox.sent_as("other@desk") is None
        tx.outbox.undeliverable(owed.id, "no such user")
        row = tx.outbox.row(owed.id)
        assert (row.state, row.error) == (DeliveryState.UNDELIVERABLE, "no such user")
        assert row.delivered_at, "it was handed over all the same"


# ------------------------------------------------------------------ the rest


def test_of_very_many_messages_the_newest_are_looked_at(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.conversations.MOST_MESSAGES", 3)
    with begin() as tx:
        thread = opened(tx)
        for number in range(5):
            said(tx, thread, f"word {number}")
        found = tx.conversations.get(thread.conversation)
        assert [message.text for message in found.messages] == ["word 2", "word 3", "word 4"]
        assert found.earlier == 2
        assert tx.conversations.size(thread.conversation) == 5
        assert tx.conversations.head(thread.conversation).messages == ()
        assert tx.conversations.hold(thread.conversation).revision == found.revision


def test_what_a_customer_has_begun_lately_is_counted(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        opened(tx, "a")
    later(clock, minutes=30)
    with begin() as tx:
        opened(tx, "b")
        assert tx.conversations.begun_since(ANN, clock.now() - timedelta(hours=1)) == 2
        assert tx.conversations.begun_since(ANN, clock.now() - timedelta(minutes=10)) == 1
        assert tx.conversations.begun_since(BEA, clock.now() - timedelta(hours=1)) == 0


def test_an_agent_is_found_by_the_identity_alone(begin: Begin) -> None:
    with begin() as tx:
        ann = tx.people.add_agent("ann", Role.AGENT, [Identity("mail", "ann@firm.example")])
        assert tx.people.agent_with(Identity("mail", "ann@firm.example", "Somebody")).id == ann.id
        assert tx.people.agent_with(Identity("slack", "ann@firm.example")) is None
        assert tx.people.agent_with(ANN) is None


def test_an_identity_is_one_contact_and_proven_once(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        assert tx.people.contact(ANN) == tx.people.contact(ANN)
        assert not tx.people.is_proven(ANN)
        tx.people.prove(ANN)
    later(clock, hours=1)
    with begin() as tx:
        assert tx.people.is_proven(ANN)
        thread = opened(tx)
        assert tx.conversations.get(thread.conversation).proven


def test_agents_are_found_by_name_and_identity_and_are_unique(begin: Begin) -> None:
    with begin() as tx:
        ann = tx.people.add_agent("ann", Role.LEAD, [Identity("mail", ANN.value)])
        assert tx.people.agent("ann") == ann
        assert tx.people.agent(ANN.value).id == ann.id
        assert tx.people.agent("bea") is None
    for name, identities in (("ann", []), ("bea", [ANN])):
        with pytest.raises(Conflict), begin() as tx:
            tx.people.add_agent(name, Role.AGENT, identities)
    with begin() as tx:
        assert [agent.name for agent in tx.people.agents()] == ["ann"]


def test_switch_cursor_and_audit_remember(begin: Begin, clock: SetClock) -> None:
    with begin() as tx:
        tx.desk.stop("ann")
        assert (tx.desk.get().stopped, tx.desk.get().by, tx.desk.get().at) == (True, "ann", clock.now())
        tx.desk.start("bea")
        assert not tx.desk.get().stopped
        tx.cursors.set("imap:a", {"uid": 1})
        tx.cursors.set("imap:a", {"uid": 2})
        assert tx.cursors.get("imap:a") == {"uid": 2}
        assert tx.cursors.get("imap:b") is None
        tx.audit.write(Actor(ActorKind.OPERATOR, "root"), "stop", "desk", "firstline", why="test")
        (line,) = tx.audit.of("firstline")
        assert (line.actor.name, line.verb, line.detail, line.at) == ("root", "stop", {"why": "test"}, clock.now())
