"""Mail in over IMAP (RFC 3501): one thread looks after each mailbox and hands what is new to the desk's loop.

What has been kept is remembered as a UIDVALIDITY and the highest UID (`mark.py`), never by a flag that others set as
well. From the outside in: `connector.py`, `poller.py` (the thread and its reconnecting), `visit.py` (what one
connection does), `folder.py` (IMAP's words), `link.py` (the wire, with an end to what a server may say).
"""
