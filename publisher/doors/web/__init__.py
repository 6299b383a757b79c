"""The pages that readers meet."""
