"""The report: sections of tables, for people as text or HTML, for programs as JSON or CSV."""

from __future__ import annotations

from lineage.analyses.rows import Filters
from lineage.report.model import Format, Report, SectionData, TableData, build
from lineage.report.render import ROWS_FOR_PEOPLE, write
from lineage.report.sections import SECTIONS

__all__ = [
    "ROWS_FOR_PEOPLE",
    "SECTIONS",
    "Filters",
    "Format",
    "Report",
    "SectionData",
    "TableData",
    "build",
    "write",
]
