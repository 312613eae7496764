"""A real Postfix between customers and a desk: it takes the desk's mail out, and brings the customers' in.

with postfix() as server: ...
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from tests.waiting import until_sync

DESK = "firstline.localhost"
CUSTOMERS = "cust.test"
NAME = "mx.test"
BOXES = ("ann", "carl")
"""The mailboxes at CUSTOMERS. Mail to any other is taken all the same, and then bounced by a report of its own."""

VERDICTS = {"ann": "pass", "carl": "fail"}
"""What it says of DMARC about senders at CUSTOMERS, in a header under its NAME; nothing about others."""

# Standard input is a pipe from us: when we end, in whatever way, `read` returns and Postfix is stopped. Its master
# leads no process group of ours, so that it has to be asked by its own command.
GUARD = 'postfix -c "$1" start-fg </dev/null & read line; postfix -c "$1" stop; wait $!'

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = {name}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
alias_maps =
alias_database =
disable_dns_lookups = yes
smtp_host_lookup = native
recipient_delimiter = +
message_size_limit = 20000000
virtual_mailbox_domains = {customers}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = check_recipient_access inline:{{ {refusals} }}, permit_mynetworks, reject
# In place of a filter that has checked who sent it.
smtpd_sender_restrictions = check_sender_access inline:{{ {verdicts} }}
relay_domains = {desk}
transport_maps = inline:{{ {desk}=smtp:[127.0.0.1]:{desk_port} }}
default_transport = error:no outside mail from tests
"""

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


class NoPostfix(Exception):
    """There is no Postfix to test with; the text is a reason to skip."""


@contextmanager
def postfix() -> Iterator["Postfix"]:
    """A Postfix in a folder of its own, running; it ends when we end, even by SIGKILL. Raises NoPostfix."""
    if os.geteuid() != 0:
        # Without the word "wants": no server is missing, and who is not root may run all the tests.
        raise NoPostfix("Postfix can only be started by root")
    if shutil.which("postfix") is None:
        raise NoPostfix("wants Postfix: the package postfix is not installed")
    with tempfile.TemporaryDirectory(prefix="firstline-postfix-", ignore_cleanup_errors=True) as folder:
        server = Postfix(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Postfix:
    """`port` takes mail for the customers and for the desk, which has to listen on `desk_port`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.port, self.desk_port = _free_ports(2)
        self._guard: subprocess.Popen[bytes] | None = None
        self._nobody = pwd.getpwnam("nobody").pw_uid
        folder.chmod(0o755)  # its daemons are other accounts
        for name, account in (("queue", "root"), ("data", "postfix"), ("mail", "nobody")):
            (folder / name).mkdir()
            shutil.chown(folder / name, account)

    def start(self, refusals: Mapping[str, str] | None = None) -> None:
        """Returns once it takes mail. `refusals`: what it answers to RCPT for an address, such as `450 4.2.0 later`."""
        self._configure(refusals or {})
        with self.log.with_name("said").open("ab") as said:
            self._guard = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", self.folder],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl-C is meant for the tests, and they want their Postfix while they end
            )
        until_sync(self._greets, 30, "Postfix takes mail")

    def stop(self) -> None:
        """Away, with all its processes. What is in its queue stays there."""
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait(30)
            self._guard = None

    def restart(self, refusals: Mapping[str, str] | None = None) -> None:
        self.stop()
        self.start(refusals)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def box(self, name: str) -> list[EmailMessage]:
        """What has arrived in a customer's mailbox, the oldest first. Return-Path is the sender of the envelope."""
        files = sorted((self.folder / "mail" / name / "new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=default) for file in files]

    def clear(self) -> None:
        """Empty mailboxes, for the next test."""
        for box in (self.folder / "mail").iterdir():
            shutil.rmtree(box)

    def words(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _configure(self, refusals: Mapping[str, str]) -> None:
        main = MAIN.format(
            folder=self.folder,
            name=NAME,
            customers=CUSTOMERS,
            desk=DESK,
            desk_port=self.desk_port,
            uid=self._nobody,
            boxes=", ".join(f"{name}@{CUSTOMERS}={name}/" for name in BOXES),
            verdicts=", ".join(f"{{ {who}@{CUSTOMERS}={_prepended(said)} }}" for who, said in VERDICTS.items()),
            # A key at least: an empty inline map is an error.
            refusals=", ".join(f"{{ {who}={what} }}" for who, what in {"@": "DUNNO", **refusals}.items()),
        )
        (self.folder / "main.cf").write_text(main)
        (self.folder / "master.cf").write_text(MASTER.format(port=self.port))

    def _greets(self) -> bool:
        assert self._guard is not None
        assert self._guard.poll() is None, self.log.with_name("said").read_text(errors="replace") + self.words()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            return client.recv(4) == b"220 "
        return False


def swaks(port: int, *, sender: str, to: str, data: bytes, folder: Path) -> None:
    """Send a mail as a customer's program does. Raises CalledProcessError when it is refused."""
    if shutil.which("swaks") is None:
        pytest.skip("wants swaks: the package is not installed")
    file = folder / "swaks.eml"
    file.write_bytes(data)
    server = f"127.0.0.1:{port}"
    command = ["swaks", "--server", server, "--from", sender, "--to", to, "--data", f"@{file}", "--helo", "cust.test"]
    subprocess.run(command, check=True, capture_output=True, timeout=30)


def _prepended(verdict: str) -> str:
    return f"PREPEND Authentication-Results: {NAME}; dmarc={verdict} header.from={CUSTOMERS}"


def _free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _ in range(number)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
