"""The report for programs: JSON and CSV, written row by row in bounded memory."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from lineage.report.sections import chosen
from lineage.safe import csv_cell, json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.analyses.rows import Filters, Row
    from lineage.report.model import Report
    from lineage.report.tables import Asked

    Tables = Iterable[tuple[str, str, type[Row], Iterable[Row]]]


def of_report(report: Report) -> Tables:
    """Section, table, model and rows of a report in memory."""
    from lineage.report.model import declared

    for section in report.sections:
        for data in section.tables:
            yield section.name, data.name, declared(section.name, data.name).row, data.rows


def of_graph(sections: Iterable[str] | None, asked: Asked) -> Tables:
    """The same, asked of the graph as it is written."""
    for section in chosen(sections):
        for table in section.tables:
            rows = islice(table.rows(asked), asked.limit)
            yield section.name, table.name, table.row, rows


def write_json(
    out: TextIO, filters: Filters, tables: Tables, simulated: Iterable[str] = ()
) -> None:
    """`{"filters": {...}, "simulated": [SOURCE, ...], "sections": SECTIONS}`, a line for each row.

    Sections are `{SECTION: {TABLE: [ROW, ...]}}`.
    Costs are numbers in the row's `cost_unit`, durations seconds, shares 0 to 1, times ISO 8601.
    """
    out.write(f'{{"filters": {_json(filters.model_dump())},\n')
    out.write(f' "simulated": {_json(list(simulated))},\n "sections": {{')
    last = None
    for section, table, _, rows in tables:
        if section != last:
            out.write(f"{'},' if last is not None else ''}\n  {_json(section)}: {{")
        out.write(f"{',' if section == last else ''}\n   {_json(table)}: [")
        out.writelines(
            f"{',' if number else ''}\n    {_json(row.model_dump(mode='json'))}"
            for number, row in enumerate(rows)
        )
        out.write("]")
        last = section
    out.write(f"{'}' if last is not None else ''}}}}}\n")


def write_csv(out: TextIO, tables: Tables, simulated: Iterable[str] = ()) -> None:
    """One table after another, each behind a line `# section.table`; one table alone without it.

    Where sources are simulated, the last column of every table names them.

    A row is always one line and every text is quoted, so that only these lines start with `#`.
    """
    found = list(tables)
    names = ", ".join(simulated)
    made_up = [csv_cell(names)] if names else []
    for number, (section, table, model, rows) in enumerate(found):
        if len(found) > 1:
            out.write(f"{'' if number == 0 else chr(10)}# {section}.{table}\n")
        lines = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        lines.writerow([*model.model_fields, *(["simulated"] if made_up else [])])
        lines.writerows(cells + made_up for cells in _cells(rows))


def _cells(rows: Iterable[Row]) -> Iterator[list[object]]:
    for row in rows:
        yield [csv_cell(_flat(value)) for _, value in row]


def _flat(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple | list | dict):
        return json.dumps(value, ensure_ascii=False)
    return value


def _json(value: Any) -> str:
    return json_text(json.dumps(value, ensure_ascii=False))
