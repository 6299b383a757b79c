"""The verbs: each takes its needs as arguments and returns what happened."""
