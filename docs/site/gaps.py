"""What each source cannot say, from the one table of it."""

from __future__ import annotations

from docs.site.markdown import plain
from lineage_ingest.capabilities import SOURCES, Capability

MARK = "<!-- gaps -->"


def fill(text: str) -> str:
    """The page about limits, with a line for each source in place of the mark."""
    return text.replace(MARK, "\n".join(map(_line, SOURCES)))


def _line(name: str) -> str:
    source = SOURCES[name]
    missing = [plain(one.value) for one in Capability if one in source.gaps]
    said = "; ".join(missing) if missing else "nothing is missing that the graph could hold"
    page = f"[{plain(source.title)}](sources/{name}.md)"
    return f"- **{page}**: {said}."
