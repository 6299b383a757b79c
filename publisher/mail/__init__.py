"""Entries -> messages. Pure."""
