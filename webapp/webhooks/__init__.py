"""Outgoing webhooks: who wants to hear of what, and the sending of it."""
