"""Uploaded media: received, checked, stored and found again."""
