"""Pages ask each other only for what is there: a browser shows nothing at all where one import is in vain."""

import re
from pathlib import Path

PAGES = Path(__file__).resolve().parents[3] / "console" / "pages"
SCRIPTS = [path for path in PAGES.rglob("*.js") if "vendor" not in path.parts]
IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]*)"', re.MULTILINE)
NAMED = re.compile(r"^export (?:async )?(?:function|const|class|let) (\w+)", re.MULTILINE)
LISTED = re.compile(r"^export (?:const )?\{([^}]*)\}", re.MULTILINE)


def names(listed: str) -> set[str]:
    return {name.split(" as ")[0].strip() for name in listed.split(",") if name.strip()}


def exported(script: Path) -> set[str]:
    text = script.read_text(encoding="utf-8")
    return set(NAMED.findall(text)).union(*map(names, LISTED.findall(text)))


def test_every_name_that_is_imported_is_exported() -> None:
    known = {script.resolve(): exported(script) for script in SCRIPTS}
    asked = [
        (script.name, source, name)
        for script in SCRIPTS
        for listed, source in IMPORT.findall(script.read_text(encoding="utf-8"))
        if "/vendor/" not in source
        for name in names(listed)
        if name not in known.get((script.parent / source).resolve(), set())
    ]
    assert asked == []
    assert sum(map(len, known.values())) > 100
