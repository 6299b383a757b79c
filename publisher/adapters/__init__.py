"""The rest of the world: files, templates, mail servers."""
