"""OAuth 2 for mailboxes: a login that a person gives once, and the short-lived tokens that come of it.

Nothing here is asynchronous: a mailbox has a thread, a command waits.
"""
