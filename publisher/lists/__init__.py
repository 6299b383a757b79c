"""Lists of readers as other programs export them -> people, and how each of them stands there."""
