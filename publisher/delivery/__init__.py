"""Replies -> what next. Pure."""
