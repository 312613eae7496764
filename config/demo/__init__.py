"""The demo: a desk of its own, a dozen customers, and what becomes of their mails. Nothing of it is kept."""
