"""The configuration of a blog made with another tool -> ours. Read as text, never run."""
