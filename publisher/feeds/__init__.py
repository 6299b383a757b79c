"""Entries -> documents. Pure."""
