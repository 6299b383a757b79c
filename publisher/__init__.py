"""Turns a folder of Markdown posts into feeds and newsletters.

The map, in reading order; each uses only what stands above it.

errors        what a person can mend, and the exit codes
model/        words: frozen values, checked when made
posts/        text -> entries                pure
feeds/        entries -> documents           pure
mail/         entries -> messages            pure
delivery/     replies -> what next           pure
blogs/        others' settings -> ours       pure
lists/        others' lists -> people        pure
ports         what the steps need of the world
steps/        verbs: collect, publish, compose, deliver, subscribe, tick
store/        the database, SQLite or PostgreSQL
adapters/     the rest of the world: folder, templates, SMTP
config        config.toml -> Config
wiring/       the one place that knows all
doors/        command line, web, scheduler
"""

__version__ = "0.1.0"
