"""`Lineage`: the whole service, of which the command line is a thin shell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from lineage import export, queries, schema
from lineage import redundancy as closure
from lineage.follow import follow
from lineage.forget import forget
from lineage.graph import Graph
from lineage.load import Ingested, ingest
from lineage.load.memory import MemoryEvents, MemoryReader
from lineage.readers import open_reader
from lineage.segment import Segmented, segment
from lineage.settings import Settings
from lineage.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from networkx import MultiDiGraph

    from lineage.advise import Advice
    from lineage.analyses.materialization import Materialization
    from lineage.analyses.redundancy import Redundancy
    from lineage.analyses.rows import Rows
    from lineage.analyses.unmatched import UnmatchedRow
    from lineage.analyses.whatif import WhatIf
    from lineage.compare import Comparison
    from lineage.demo.demo import Demo
    from lineage.diff import GraphletDiff
    from lineage.find import Kind
    from lineage.follow import Change
    from lineage.load.bulk.service import Steps
    from lineage.load.service import Progress
    from lineage.picture import Form, Picture, Timeline
    from lineage.planning import ReusePlan
    from lineage.prune import Pruned
    from lineage.records import Properties, Record
    from lineage.report import Report
    from lineage.reuse.select import Rule
    from lineage.server import ServerHome
    from lineage.show import Shown
    from lineage.waste.live import PushPrediction
    from lineage.waste.service import WasteReport
    from lineage.waste.store import WasteModel


class Lineage:
    """A lineage graph in Neo4j.

    Examples:
        >>> from lineage import Lineage
        >>> with Lineage.connect() as lin:
        ...     loaded = lin.ingest("store.sqlite")
        ...     segmented = lin.segment()
    """

    def __init__(self, graph: Graph, settings: Settings | None = None) -> None:
        """Use a graph that is connected already; brings its schema up to date.

        Raises:
            SchemaVersionError: the graph was written by a newer version of this package.
        """
        self.graph = graph
        self.settings = settings or Settings.load()
        self._predictor: tuple[int, WasteModel, WasteReport] | None = None
        schema.migrate(graph)

    @classmethod
    def connect(
        cls,
        uri: str | None = None,
        username: str | None = None,
        password: str | None = None,
        database: str | None = None,
        settings: Settings | None = None,
    ) -> Self:
        """Connect to the Neo4j that is named, else the one in the settings, else the local one.

        Args:
            uri: such as `bolt://127.0.0.1:7687` or `neo4j+s://...`.
            username: by default `neo4j`.
            password: None means that the server asks for none.
            database: by default the user's home database.
            settings: by default what `Settings.load` finds.

        Raises:
            GraphUnavailableError: nothing answers.
            GraphAuthError: wrong user or password.
            SchemaVersionError: the graph was written by a newer version of this package.
        """
        settings = settings or Settings.load()
        if uri is None and settings.neo4j_uri is None:
            local = _running()
            uri, username, password = local.uri, local.username, local.password
            database = database or local.database
        secret = settings.neo4j_password
        return cls(
            Graph.connect(
                uri or settings.neo4j_uri or "",
                username or settings.neo4j_username,
                password or (secret.get_secret_value() if secret else None),
                database or settings.neo4j_database,
            ),
            settings,
        )

    def ingest(
        self,
        location: str | os.PathLike[str],
        *,
        source: str | None = None,
        reader: str | None = None,
        since: str | None = None,
        strict: bool = False,
        dry_run: bool = False,
        local_files: bool = False,
        progress: Progress | None = None,
    ) -> Ingested:
        """Load a store, a file or an address; doing it again changes nothing.

        Args:
            location: a path or address; `-` is standard input.
            source: the name to load it under; by default the store's own address.
            reader: which reader to use; by default the one that recognises it.
            since: a cursor from an earlier load; only later records are read.
            strict: stop at the first record that cannot be used.
            dry_run: read and check everything, write nothing.
            local_files: read the statistics of data sets where `statistics_roots` allows it; not
                for a source that someone else sent.
            progress: told how many records were read, and how many there are where known.

        Raises:
            ReadError: it cannot be read.
            SourceConflictError: another store was loaded under this name.
            RecordError: a record cannot be used and `strict` is set.
            GraphError: Neo4j failed; a second call completes what was begun.
        """
        opened = open_reader(os.fspath(location), reader, dict(self.settings))
        try:
            return ingest(
                self.graph,
                opened,
                self.settings,
                source=source,
                since=since,
                strict=strict,
                dry_run=dry_run,
                local_files=local_files,
                progress=progress,
            )
        finally:
            opened.close()

    def ingest_bulk(
        self,
        location: str,
        *,
        source: str | None = None,
        reader: str | None = None,
        strict: bool = False,
        local_files: bool = False,
        home: ServerHome | None = None,
        steps: Steps | None = None,
    ) -> Ingested:
        """As `ingest`, for millions of nodes: into an empty local server, by Neo4j's importer.

        The server is stopped while the importer works. Until the new database is whole the old one
        stays as it is.

        Args:
            location: a path or address.
            source: the name to load it under; by default the store's own address.
            reader: which reader to use; by default the one that recognises it.
            strict: stop at the first record that cannot be used.
            local_files: read the statistics of data sets where `statistics_roots` allows it.
            home: the folder of the server; by default that of the user's.
            steps: told what is done, how far it is, and how much there is (0 where unknown).

        Raises:
            BulkError: the server is not a local one, or holds something.
            ReadError: it cannot be read.
            RecordError: a record cannot be used and `strict` is set.
            ServerError: the importer failed, or the server did not start again.
            GraphError: Neo4j failed afterwards; `ingest` completes what was begun.
        """
        from lineage.load.bulk.service import ingest_bulk

        opened = open_reader(location, reader, dict(self.settings))
        try:
            return ingest_bulk(
                self.graph,
                opened,
                self.settings,
                home,
                source=source,
                strict=strict,
                local_files=local_files,
                steps=steps,
            )
        finally:
            opened.close()

    def follow(self, locations: list[str], interval: float = 10.0, **how: Any) -> Iterator[Change]:
        """Load what is new in growing stores, segment after changes, wait, and so on for ever.

        Args:
            locations: paths and addresses.
            interval: seconds between two looks.
            how: further arguments of `ingest`.

        Yields:
            Each first load, each change, each failure that the next look may mend.
        """
        return follow(self, locations, how, interval)

    def ingest_records(
        self,
        records: Iterable[Record],
        *,
        source: str,
        strict: bool = False,
        simulated: bool = False,
    ) -> Ingested:
        """Load records that the caller makes; nodes come before what names them.

        Args:
            records: nodes, events and memberships.
            source: the name to load them under.
            strict: stop at the first record that cannot be used.
            simulated: whether they are made up; reports then say so.

        Raises:
            RecordError: a record cannot be used and `strict` is set.
            GraphError: Neo4j failed; a second call completes what was begun.
        """
        reader = MemoryReader(source, records, simulated=simulated)
        return ingest(self.graph, reader, self.settings, strict=strict)

    def ingest_events(
        self, events: Iterable[bytes | str], *, source: str, strict: bool = False
    ) -> Ingested:
        """Load OpenLineage events, each one JSON object; what is there already changes nothing.

        Args:
            events: in any order and number.
            source: the name to load them under.
            strict: stop at the first that is no event.

        Raises:
            RecordError: something is no event and `strict` is set.
            GraphError: Neo4j failed; the next load of the source completes what was begun.
        """
        return ingest(self.graph, MemoryEvents(source, events), self.settings, strict=strict)

    def segment(
        self,
        pipeline: str | None = None,
        *,
        full: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> Segmented:
        """Cut and write the graphlets that changes have touched, and find what repeats what.

        Args:
            pipeline: cut those of this pipeline anew; others wait for the next time.
            full: cut all anew, touched or not.
            progress: told how many are cut, and how many there are to cut.

        Raises:
            GraphError: Neo4j failed; a second call completes what was begun.
        """
        segmented = segment(self.graph, pipeline, full=full, progress=progress)
        closure.close(self.graph, self.settings, full=full)
        return segmented

    def prune(
        self, before: str | datetime, source: str | None = None, *, dry_run: bool = False
    ) -> Pruned:
        """Remove runs and graphlets from before a time that nothing newer needs.

        Loading a source again does not bring them back.

        Args:
            before: a time, as ISO 8601 text or relative (`90d`).
            source: only this source; by default all.
            dry_run: only count what would be removed.

        Raises:
            SettingsError: the time cannot be understood, or lies in the future.
            NotFoundError: no source of that name was loaded.
        """
        from lineage.prune import prune

        pruned = prune(self.graph, before, source, dry_run=dry_run)
        closure.close(self.graph, self.settings)
        return pruned

    def forget(self, source: str) -> int:
        """Take one source out of the graph again; returns how many nodes that were.

        Raises:
            NotFoundError: no source of that name was loaded.
        """
        removed = forget(self.graph, source)
        closure.settle(self.graph, self.settings)
        return removed

    def query(self, name: str, /, **parameters: Any) -> Table:
        """Run a query of `cypher/` by name; the rows are a list, and draw themselves as a table.

        Raises:
            NotFoundError: there is no such query.
            QueryError: its parameters are not those given.
        """
        return Table(self.graph.run(name, **parameters))

    def queries(self) -> list[queries.Query]:
        """Every query that there is, with its header."""
        return [queries.load(name) for name in queries.names()]

    def report(
        self,
        sections: Iterable[str] | None = None,
        *,
        pipeline: str | None = None,
        source: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        limit: int | None = None,
        budget: str | float | None = None,
    ) -> Report:
        """What the pipelines did, what it cost, and what was wasted.

        Args:
            sections: names such as `summary` or `graphlets`; by default all.
            pipeline: only this pipeline.
            source: only this source.
            since: only what started then or later; ISO 8601 text or a datetime.
            until: only what started before.
            limit: rows of each table; by default all.
            budget: what may be kept, for the section `materialization`: bytes, or text such as
                `500GB`; by default several are tried.

        Raises:
            NotFoundError: there is no such section.
            SettingsError: a time or the budget cannot be understood.
        """
        from lineage.report import Filters, build
        from lineage.report.units import parse_size

        filters = Filters.of(source, pipeline, since, until)
        size = parse_size(budget) if isinstance(budget, str) else budget
        return build(self.graph, sections, filters, limit, settings=self.settings, budget=size)

    def show(self, key: str, *, kind: Kind | None = None, limit: int = 20) -> Shown:
        """A graphlet, execution, artifact, pipeline or run, and what is around it.

        Args:
            key: its key, native id or name, or what one of them begins with.
            kind: what it is; without it a trainer's key means its graphlet.
            limit: items of each branch at most.

        Raises:
            NotFoundError: there is no such node, or there are several; the message lists them.
        """
        from lineage.show import show

        return show(self.graph, key, kind=kind, limit=limit, settings=self.settings)

    def picture(self, key: str, *, everything: bool = False, most: int | None = None) -> Picture:
        """A graphlet to look at: as SVG, a page, Mermaid or DOT; notebooks show it.

        Args:
            key: key, native id or name of the graphlet or its trainer, or how one of them begins.
            everything: draw every node; by default nodes that are alike are one where there are
                many.
            most: how many nodes are drawn before that is done; by default as many as are readable.

        Raises:
            NotFoundError: there is no such graphlet, or there are several; the message lists them.
        """
        from lineage.find import find
        from lineage.picture import READABLE, picture

        found = find(self.graph, key, "graphlet", settings=self.settings)
        return picture(self.graph, found.key, everything=everything, most=most or READABLE)

    def timeline(self, pipeline: str) -> Timeline:
        """The graphlets of a pipeline over time: what each cost, and what came of it.

        Args:
            pipeline: its key or name, or how one of them begins.

        Raises:
            NotFoundError: there is no such pipeline, or there are several; the message lists them.
        """
        from lineage.find import find
        from lineage.picture import timeline

        return timeline(self.graph, find(self.graph, pipeline, "pipeline").key)

    def draw(
        self, key: str, form: Form = "svg", *, kind: Kind | None = None, everything: bool = False
    ) -> str:
        """A graphlet as `picture`, a pipeline as `timeline`, written in one of the forms.

        Args:
            key: its key, native id or name, or what one of them begins with.
            form: svg, html, mermaid or dot; a pipeline has the first two.
            kind: what it is; without it a trainer's key means its graphlet.
            everything: draw every node of a graphlet.

        Raises:
            NotFoundError: there is no such node, or there are several; the message lists them.
            PictureError: there is no picture of such a node in that form, or it is too large.
        """
        from lineage.picture import draw

        return draw(self.graph, self.settings, key, form, kind=kind, everything=everything)

    def diff(self, a: str, b: str | None = None, *, limit: int = 20) -> GraphletDiff:
        """What is different between two graphlets, of one pipeline or source or of several.

        Args:
            a: key, native id or name of a graphlet or its trainer, or what one of them begins with.
            b: the same of the other; without it the graphlet before `a` is compared with `a`.
            limit: spans listed of each kind at most.

        Raises:
            NotFoundError: there is no such graphlet, there are several, or none comes before `a`.
            SettingsError: both are the same graphlet.
        """
        from lineage.diff import diff

        return diff(self.graph, a, b, limit=limit)

    def whatif(
        self, budgets: Iterable[int | str] | None = None, policies: Iterable[str] | None = None
    ) -> WhatIf:
        """What a cache of outputs would have saved of the work that was done more than once.

        Args:
            budgets: its sizes, as bytes or text such as `500GB`; by default shares of what keeping
                everything takes.
            policies: `none`, `ttl`, `lru`, `cost`, `offline`, `optimum`, `bound`; by default all.

        Raises:
            SettingsError: a budget cannot be understood, or there is no such policy.
        """
        from lineage.analyses.whatif import whatif
        from lineage.report.units import parse_size

        sizes = [parse_size(one) if isinstance(one, str) else one for one in budgets or ()]
        return whatif(self.graph, self.settings, None if budgets is None else sizes, policies)

    def unmatched(self, source: str | None = None) -> Rows[UnmatchedRow]:
        """Native types whose class is only a guess, with how often they occur."""
        from lineage.analyses.unmatched import unmatched

        return unmatched(self.graph, source)

    def demo(self) -> Demo:
        """Load the sample store under the name `demo`, and cut its graphlets."""
        from lineage.demo import demo

        return demo(self)

    def to_networkx(self, key: str) -> MultiDiGraph[str]:
        """A graphlet as a networkx graph, nodes by key.

        Raises:
            NotFoundError: there is no such graphlet.
            MissingExtraError: networkx is not installed.
        """
        from lineage.interop import to_networkx

        return to_networkx(self.graph, key)

    def export_graphlets(self, pipeline: str | None = None) -> Iterator[dict[str, Any]]:
        """Every graphlet with its members, ordered by key."""
        return export.graphlets(self.graph, pipeline)

    def redundancy(
        self,
        *,
        pipeline: str | None = None,
        source: str | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        limit: int | None = 20,
    ) -> Redundancy:
        """What was computed again, at what cost, and by whom; as the last `segment` found it.

        Args:
            pipeline: only what this pipeline did again.
            source: only what executions of this source did again.
            since: only what started then or later; ISO 8601 text or a datetime.
            until: only what started before.
            limit: pairs of pipelines, and computations, at most; None means all.

        Raises:
            SettingsError: a time cannot be understood.
        """
        from lineage.analyses.redundancy import redundancy
        from lineage.analyses.rows import Filters

        filters = Filters.of(source, pipeline, since, until)
        return redundancy(self.graph, filters, limit=limit)

    def materialization(
        self,
        budget: str | float | None = None,
        *,
        rule: Rule = "auto",
        pipeline: str | None = None,
        source: str | None = None,
        considered: int = 2_000,
    ) -> Materialization:
        """What is worth keeping, and which of it under a budget; see its module.

        Args:
            budget: bytes, or text such as `500GB`; by default several are tried.
            rule: of selection; see `lineage.reuse.select`.
            pipeline: only what this pipeline computed first.
            source: only what executions of this source computed first.
            considered: how many candidates to look at, the most valuable ones.

        Raises:
            SettingsError: the budget cannot be understood.
            ReuseError: it is negative or no number.
        """
        from lineage.analyses.materialization import materialization
        from lineage.analyses.rows import Filters
        from lineage.report.units import parse_size

        return materialization(
            self.graph,
            self.settings,
            Filters.of(source, pipeline),
            budget=parse_size(budget) if isinstance(budget, str) else budget,
            rule=rule,
            considered=considered,
        )

    def advise(
        self,
        operator: str,
        code_version: str | None = None,
        parameters: Properties | None = None,
        inputs: Mapping[str, str | Sequence[str]] | None = None,
        *,
        node: str | None = None,
        pipeline: str | None = None,
        source: str | None = None,
        thorough: bool = False,
    ) -> Advice:
        """Ask whether a computation was done before, where its output is, and what it cost.

        It answers from what the last `segment` compared, in milliseconds.

        Args:
            operator: native type, as executions have it.
            code_version: as executions have it; None means unknown.
            parameters: as executions have them as properties; what is volatile by rule is left out.
            inputs: by role, an artifact or several in order: its key, or `digest:` and its digest,
                or its native id where `source` is given.
            node: the node or task name, where the type says nothing of the work.
            pipeline: the pipeline that asks; needed where the code's version is not known.
            source: of the inputs that are named by native id.
            thorough: where nothing is known, look at all executions, however many, to tell a type
                that none has; else only at those of a small graph.

        Raises:
            SettingsError: an input cannot be understood.
        """
        from lineage.advise import advise

        return advise(
            self.graph,
            self.settings,
            operator,
            code_version=code_version,
            parameters=parameters,
            inputs=inputs,
            node=node,
            pipeline=pipeline,
            source=source,
            thorough=thorough,
        )

    def train_waste(
        self,
        *,
        source: str | None = None,
        pipeline: str | None = None,
        max_freshness_loss: float = 0.02,
        seed: int = 0,
        out: str | os.PathLike[str] | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> WasteReport:
        """Learn which models are pushed, and what stopping the others early would have saved.

        The predictor is kept in a file, with what was found beside it, for `predict_push`,
        `report` and `lineage watch`.

        Args:
            source: learn from this source only.
            pipeline: from this pipeline only.
            max_freshness_loss: deployed models may get older by this share on average, 0 to 1.
            seed: of all random choices.
            out: the file; by default the setting `waste_model`.
            progress: told what is done, how many steps were, and how many there are; from the
                threads that train, one at a time.

        Raises:
            MissingExtraError: scikit-learn, skops or statsmodels is not installed.
            ModelFileError: the file cannot be written.
            WasteError: an argument is wrong.
        """
        from lineage.report import Filters
        from lineage.waste import service

        found = service.train_waste(
            self.graph,
            self.settings,
            filters=Filters(source=source, pipeline=pipeline),
            max_freshness_loss=max_freshness_loss,
            seed=seed,
            progress=progress,
        )
        service.save(found, service.model_path(self.settings) if out is None else Path(out))
        return found

    def predict_push(self, key: str, stage: str | None = None) -> PushPrediction:
        """Whether the model of a graphlet, also one under way, will be pushed, and why.

        Of a run that has begun no training it is the model that the run is expected to train: of
        the same kind as the last one of its pipeline.

        Args:
            key: key, native id or name of a graphlet, its trainer, or a run of one trainer at most.
            stage: `before`, `data`, `shape`, `training` or `validation`, as if nothing later were
                known; by default the last one that was reached.

        Raises:
            ModelFileError: there is no predictor, or it does not fit.
            NotFoundError: there is no such graphlet, or there are several.
            WasteError: the stage was not reached.
        """
        from lineage.waste.live import model_of, predict_push, stage_of

        return predict_push(
            self.graph, self._waste_model(), model_of(self.graph, key), stage_of(stage)
        )

    def under_way(
        self, *, source: str | None = None, pipeline: str | None = None, limit: int | None = 100
    ) -> list[PushPrediction]:
        """Predictions for all models under way, the least likely to be pushed first.

        Args:
            source: only of this source.
            pipeline: only of this pipeline.
            limit: the costliest so many.

        Raises:
            ModelFileError: there is no predictor, or it does not fit.
        """
        from lineage.waste.live import under_way

        found = under_way(
            self.graph, self._waste_model(), source=source, pipeline=pipeline, limit=limit
        )
        return sorted(found, key=lambda one: (one.probability, one.key))

    def export_waste(
        self,
        path: str | os.PathLike[str] | IO[bytes],
        *,
        source: str | None = None,
        pipeline: str | None = None,
    ) -> int:
        """Write what predictors learn from, a row a graphlet, as Parquet; how many rows.

        Args:
            path: of the file, or an open one.
            source: only of this source.
            pipeline: only of this pipeline.

        Raises:
            WasteError: nothing is of that source and pipeline.
        """
        from lineage.report import Filters
        from lineage.waste.service import chosen

        table = chosen(self.graph, Filters(source=source, pipeline=pipeline)).table
        table.to_parquet(path)
        return len(table)

    def _waste_model(self) -> WasteModel:
        """The predictor, read again when its file is another."""
        from lineage.waste import service

        path = service.model_path(self.settings)
        written = path.stat().st_mtime_ns if path.exists() else 0
        if self._predictor is None or self._predictor[0] != written:
            self._predictor = written, *service.load_model(path)
        service.check_sources(self.graph, self._predictor[2], path)
        return self._predictor[1]

    def plan(
        self, artifact: str, *, kept: Collection[str] | None = None, lost: Collection[str] = ()
    ) -> ReusePlan:
        """How to have an artifact at hand again at least cost: what to load, what to compute.

        Args:
            artifact: its key, native id or name; it counts as lost itself.
            kept: the artifacts that can be loaded, named likewise; by default all that their
                sources do not say were deleted. What no execution wrote counts as there.
            lost: artifacts that cannot.

        Raises:
            NotFoundError: there is no such artifact, no execution that wrote it, or something
                that it is made from is gone for good.
        """
        from lineage.find import find
        from lineage.planning import plan_artifact

        def keys(given: Collection[str]) -> list[str]:
            settings = self.settings
            return [find(self.graph, text, "artifact", settings=settings).key for text in given]

        (key,) = keys([artifact])
        there = None if kept is None else keys(kept)
        return plan_artifact(self.graph, self.settings, key, kept=there, lost=keys(lost))

    def compare(self, left: str, right: str) -> Comparison:
        """Why two executions are equivalent, or what keeps them apart.

        Args:
            left: key, native id or name of an execution.
            right: of another.

        Raises:
            NotFoundError: there is no such execution, or there are several.
        """
        from lineage.compare import compare
        from lineage.find import find

        keys = [find(self.graph, text, "execution").key for text in (left, right)]
        return compare(self.graph, self.settings, *keys)

    def export_redundancy(self, source: str | None = None) -> Iterator[dict[str, Any]]:
        """Every computation that was repeated, ordered by the original's key."""
        return export.redundancy(self.graph, source)

    def export_trace(self, source: str | None = None) -> Iterator[Record]:
        """One source as records of the native trace format, nodes first.

        Raises:
            NotFoundError: no such source, or several and none was named.
        """
        return export.trace(self.graph, export.source_of(self.graph, source))

    def export_prov(self, key: str) -> str:
        """A graphlet as a W3C PROV document, in PROV-JSON.

        Args:
            key: key, native id or name of the graphlet or its trainer, or how one of them begins.

        Raises:
            MissingExtraError: the `prov` library is not installed.
            NotFoundError: there is no such graphlet, or there are several; the message lists them.
        """
        from lineage.find import find
        from lineage.prov_export import prov_json

        return prov_json(self.graph, find(self.graph, key, "graphlet").key)

    def sources(self) -> Table:
        """The sources that were loaded, with their reader, loads and records set aside."""
        return Table(self.graph.run("forget/sources"))

    def outdated(self) -> list[str]:
        """The sources whose classes, costs and names of data were derived with other settings.

        They follow the settings of now when they are loaded again; `segment` alone changes nothing.
        """
        rows = self.graph.run("load/derived_otherwise", derivation=self.settings.derivation())
        return [row["source"] for row in rows]

    def close(self) -> None:
        """Close the connections."""
        self.graph.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _running() -> Any:
    from lineage.errors import GraphUnavailableError
    from lineage.server import endpoint

    found = endpoint()
    if found is None:
        raise GraphUnavailableError(
            "no Neo4j is running; start one with `lineage up`, or name one with NEO4J_URI"
        )
    return found
