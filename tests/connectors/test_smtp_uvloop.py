"""The desk runs on uvloop, whose transports are not asyncio's: the stories that touch them, once more."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from tests.attacks import test_smuggling, test_taking_too_much
from tests.connectors import test_relay, test_smtp, test_smtp_attacks, test_smtp_limits, test_smtp_tls
from tests.fakes import CUT, HANG

STORIES = [
    test_smtp.test_a_mail_is_kept_whole_with_its_envelope,
    test_smuggling.test_t_pipe_a_client_that_sends_all_at_once_gets_its_answers_in_order,
    test_smtp.test_draining_finishes_mails_and_sends_others_home,
    test_smtp.test_draining_ends_in_time_whatever_a_client_does,
    test_smtp.test_a_port_in_use_is_an_os_error_that_names_it,
    test_taking_too_much.test_t_line_one_line_of_a_megabyte_is_kept,
    test_smtp_attacks.test_a_client_that_leaves_in_the_middle_leaves_nothing,
    test_taking_too_much.test_t_slow_a_slow_mail_is_cut_and_a_quick_one_beside_it_is_not,
    test_taking_too_much.test_t_slow_a_client_that_never_reads_is_cut,
    test_smtp_limits.test_connections_of_one_client,
    test_smtp_tls.test_a_mail_over_tls,
    test_smuggling.test_t_tlsinj_what_was_said_before_tls_is_forgotten,
    test_smtp_tls.test_a_deadline_holds_under_tls,
    test_smtp_tls.test_draining_under_tls,
    test_smtp_tls.test_draining_ends_a_handshake_that_stalls,
    test_relay.test_the_stored_bytes_go_out_as_they_are,
    test_relay.test_a_large_mail_goes_out_whole,
    test_relay.test_starttls_is_used_when_offered_whatever_the_certificate,
    test_relay.test_a_login_over_tls,
    test_smtp_tls.test_clients_that_leave_in_the_handshake_leave_their_places,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
def test_on_uvloop(story: Callable[[], Awaitable[None]]) -> None:
    async def told() -> None:
        await story()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(told())


@pytest.mark.parametrize("fault", [CUT, HANG])
def test_a_relays_fault_before_the_final_dot_on_uvloop(fault: str) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(test_relay.test_a_fault_before_the_final_dot_is_never_in_doubt(fault))
