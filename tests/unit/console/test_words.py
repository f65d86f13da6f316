"""What people read on the pages: each word is said once, and each word that a page asks for is there."""

import re
from collections import Counter
from pathlib import Path

PAGES = Path(__file__).resolve().parents[3] / "console" / "pages"
KEYS = re.findall(r'^  "?([\w.]+)"?: \[', (PAGES / "words.js").read_text(encoding="utf-8"), re.MULTILINE)


def test_no_word_is_said_twice() -> None:
    """In JavaScript the later one would win without a sound."""
    assert [key for key, count in Counter(KEYS).items() if count > 1] == []


def test_every_word_that_is_asked_for_by_name_is_there() -> None:
    scripts = [*PAGES.glob("*.js"), *PAGES.glob("views/*.js")]
    code = [re.sub(r"^ *//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE) for path in scripts]
    asked = {key for text in code for key in re.findall(r'\bt\("([\w.]+)"', text)}
    assert len(asked) > 100
    assert asked - set(KEYS) == set()


def test_who_waits_to_be_called_is_not_said_to_be_uncalled() -> None:
    """Many of those pending were called before, and wait to be called again."""
    text = (PAGES / "words.js").read_text(encoding="utf-8")
    for key in ("campaigns.live.pending", "campaigns.dry.sum", "campaigns.dry.empty"):
        words = next(line for line in text.splitlines() if line.startswith(f'  "{key}":'))
        assert "待拨" in words and "未拨" not in words, words
