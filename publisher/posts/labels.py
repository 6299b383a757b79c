"""Words of ours in posts -> the same in a post's language."""

LABELS: tuple[str, ...] = ()
