"""Bounces and other word of the fate of our own mails."""
