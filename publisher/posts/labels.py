"""Words of ours in posts, said in the language of the post: what a box is, what is embedded from where."""

from collections.abc import Mapping

Labels = Mapping[str, str]
"""English words -> those of another language. What is not there is said in English."""

# Words of a box that says which it is: shown when it has no title. Others only say how it looks.
KINDS_OF_BOX = frozenset({
    "note", "tip", "info", "warning", "danger", "caution", "important", "attention", "error", "success", "question",
    "hint", "example", "todo", "tldr", "update", "edit", "disclaimer", "definition", "theorem", "lemma", "proof",
    "quote", "abstract", "bug", "failure", "faq", "summary", "remark",
})  # fmt: skip

VIDEO = "Video on %(site)s"
SOUND = "Sound on %(site)s"
POST = "Post on %(site)s"
CODE = "Code on %(site)s"
SLIDES = "Slides on %(site)s"
TALK = "Talk on %(site)s"
RECORDING = "Recording on %(site)s"
NOTEBOOK = "Notebook on %(site)s"
PROJECT = "On %(site)s"
VIDEO_FILE = "Video"
AUDIO_FILE = "Audio"

LABELS = (
    *sorted(kind.capitalize() for kind in KINDS_OF_BOX),
    *(VIDEO, SOUND, POST, CODE, SLIDES, TALK, RECORDING, NOTEBOOK, PROJECT, VIDEO_FILE, AUDIO_FILE),
)


def label(labels: Labels, english: str) -> str:
    """The words in the language of the post."""
    return labels.get(english, english)


def label_on(labels: Labels, english: str, site: str) -> str:
    """The same, of something that is on a site: `VIDEO`."""
    return label(labels, english) % {"site": site}
