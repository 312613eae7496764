"""A real Dovecot (2.3) in a folder of its own, on a high port, with any account that is asked for.

with dovecot() as server: server.account().put(mail)
"""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.ids import new_id
from tests.servers.imap import PASSWORD, Account, NoImapServer, free_port
from tests.waiting import until_sync

# Standard input is a pipe from us: when we end, in whatever way, `read` returns and all of it is stopped. A process
# that serves somebody who is logged in outlives its master otherwise.
GUARD = '"$@" </dev/null & read line; kill -TERM $!; wait $!; kill -KILL 0'

CONFIGURATION = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
log_path = {folder}/log
disable_plaintext_auth = no
{accounts}
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
auth_failure_delay = 0
{tls}
{oauth}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

OAUTH = """\
auth_mechanisms = plain {mechanisms}
passdb {{
  driver = oauth2
  mechanisms = {mechanisms}
  args = {folder}/oauth2.conf
}}
"""

INTROSPECTION = """\
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


@contextmanager
def dovecot(**options: str) -> Iterator["Dovecot"]:
    """It ends when we end, even by SIGKILL. Raises NoImapServer."""
    if shutil.which("dovecot") is None:
        raise NoImapServer("wants Dovecot: the package dovecot-imapd is not installed")
    with tempfile.TemporaryDirectory(prefix="firstline-dovecot-", ignore_cleanup_errors=True) as folder:
        server = Dovecot(Path(folder), **options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Dovecot:
    """`introspection`: a URL that knows whose tokens are good; `certificate` and `key`: PEM files, for TLS."""

    def __init__(
        self,
        folder: Path,
        *,
        introspection: str = "",
        mechanisms: str = "xoauth2 oauthbearer",
        certificate: str = "",
        key: str = "",
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.tls_port = free_port() if certificate else 0
        self._guard: subprocess.Popen[bytes] | None = None
        self._user, self._group = self._owner()
        (folder / "mail").mkdir()
        if os.geteuid() == 0:
            folder.chmod(0o755)
            shutil.chown(folder / "mail", self._user, self._group)
        if introspection:
            (folder / "oauth2.conf").write_text(INTROSPECTION.format(url=introspection))
        self._configure(OAUTH.format(folder=folder, mechanisms=mechanisms) if introspection else "", certificate, key)

    def start(self) -> None:
        with (self.folder / "said").open("ab") as said:
            self._guard = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", "dovecot", "-F", "-c", self.folder / "dovecot.conf"],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                start_new_session=True,  # Ctrl-C is meant for the tests, and they want their Dovecot while they end
            )
        until_sync(self._greets, 30, "Dovecot takes connections")

    def stop(self) -> None:
        """Away, and everybody who is logged in is cut off."""
        if self._guard and self._guard.stdin:
            self._guard.stdin.close()
            self._guard.wait(30)
            self._guard = None

    def account(self, user: str = "") -> Account:
        """A new and empty one, unless it is named."""
        return Account(self.port, user or f"u{new_id().hex}")

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

    def forget_ids(self, user: str) -> None:
        """The server is stopped; when it starts again each mail has another UID, and the folder another UIDVALIDITY."""
        for name in self.maildir(user).glob("dovecot*"):
            name.unlink()

    def fill(self, user: str, mail: bytes, number: int) -> None:
        """Very many mails, all alike, faster than they could be appended."""
        folder = self.maildir(user)
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        first = folder / "new" / "0.first"
        first.write_bytes(mail)
        # A file has a limited number of names: 65,000 on ext4.
        for n in range(1, number):
            if n % 10_000 == 0:
                first = first.with_name(f"{n}.first")
                first.write_bytes(mail)
            else:
                first.with_name(f"{n}.mail").hardlink_to(first)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{self._user}:{self._group}", folder], check=True)

    def words(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace") if log.exists() else ""

    def kill(self) -> None:
        """As in a power cut: nobody says goodbye."""
        if self._guard and self._guard.stdin:
            os.killpg(self._guard.pid, signal.SIGKILL)
            self._guard.wait(30)
            self._guard.stdin.close()
            self._guard = None
            # It names a process that nobody may have waited for yet, which looks alive to the next Dovecot.
            (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    def _owner(self) -> tuple[str, str]:
        """Whose the mails are: Dovecot refuses to be root's."""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            return "nobody", grp.getgrgid(nobody.pw_gid).gr_name
        return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name

    def _configure(self, oauth: str, certificate: str, key: str) -> None:
        ours = (
            f"default_internal_user = {self._user}\ndefault_internal_group = {self._group}\n"
            f"default_login_user = {self._user}"
        )
        tls = f"ssl = yes\nssl_cert = <{certificate}\nssl_key = <{key}" if certificate else "ssl = no"
        text = CONFIGURATION.format(
            folder=self.folder,
            accounts="" if os.geteuid() == 0 else ours,
            tls=tls,
            oauth=oauth,
            password=PASSWORD,
            user=self._user,
            group=self._group,
            port=self.port,
            tls_port=self.tls_port,
        )
        (self.folder / "dovecot.conf").write_text(text)

    def _greets(self) -> bool:
        assert self._guard is not None
        assert self._guard.poll() is None, (self.folder / "said").read_text(errors="replace") + self.words()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            return client.recv(4) == b"* OK"
        return False
