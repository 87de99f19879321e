"""What things belong to: workflow runs, bundles, the document, agents and plans."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from lineage.records import Context, Execution, Membership, NodeKind, Pipeline, Run, State
from lineage_ingest.prov import wording
from lineage_ingest.prov.statements import Name, texts
from lineage_ingest.prov.vocabulary import (
    AGENT,
    BUNDLE,
    DOCUMENT,
    OWN,
    PLAN,
    WFPROV,
    WORKFLOW_RUN,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.records import Properties, Record
    from lineage_ingest.prov.description import Description, Thing
    from lineage_ingest.prov.flow import Flow
    from lineage_ingest.prov.place import Place

_COMMIT = 40
_PACKED = "/workflow/packed.cwl#"
_PLANS = frozenset({"prov:Plan", "wfdesc:Workflow", "wfdesc:Process"})


class Groups:
    """Runs, pipelines and contexts.

    Attributes:
        plans: entities that are nothing but plans.
        bundles: entities that are nothing but the bundles here.
    """

    def __init__(self, said: Description, flow: Flow, place: Place) -> None:
        """Prepare.

        Args:
            said: what the documents say.
            flow: the edges.
            place: where it stands: its name is the document's pipeline's and run's.
        """
        self._said, self._flow, self._document = said, flow, place.name
        self._workflow = place.workflow or place.name
        self._code = place.code
        self._parents = {id_: parent for id_ in said.activities if (parent := self._parent(id_))}
        self._members: dict[str | None, list[Execution]] = defaultdict(list)
        self._plan_of: dict[str, dict[Name, None]] = defaultdict(dict)
        self._agents_of: dict[str, dict[Name, None]] = defaultdict(dict)
        for each in said.relations.get("wasAssociatedWith", ()):
            activity = each.names.get("activity")
            for argument, held in (("plan", self._plan_of), ("agent", self._agents_of)):
                name = each.names.get(argument)
                if activity and name:
                    held[activity.uri][name] = None
        touched = flow.touched()
        self.plans = {uri for uri in self._all_plans() if uri not in touched}
        self.bundles = {uri for uri in said.bundles if uri not in touched}
        self._tops: dict[str, str] = {}
        self._roots = {
            id_: None
            for id_, thing in said.activities.items()
            if WORKFLOW_RUN in thing.types()
            and wording.of_workflow(thing)
            and id_ not in self._parents
        }

    def parent(self, activity: str) -> str | None:
        """The activity that this one is part of."""
        return self._parents.get(activity)

    def hands_on(self, activity: str, writers: Iterable[str]) -> bool:
        """Whether what a workflow's run wrote is what one of its steps wrote."""
        above = any(activity == self._parents.get(each) for each in writers)
        return above and wording.of_workflow(self._said.activities[activity])

    def node(self, thing: Thing) -> str | None:
        """The step of the workflow that an activity ran; None outside of workflows."""
        plans = self._plan_of.get(thing.id)
        if not plans or not wording.of_workflow(thing):
            return None
        plan = next(iter(plans)).local
        return plan.partition("/")[2] or plan

    def about(self, thing: Thing) -> Properties:
        """What an activity's associations say: agents and plan by name, the plan's digest.

        Names that are UUIDs are left out: they would make every run of a step another computation.
        """
        found: Properties = {}
        agents = sorted(filter(None, map(self._agent_label, self._agents_of.get(thing.id, ()))))
        if agents:
            found["agent"] = agents[0] if len(agents) == 1 else list(agents)
        plans = self._plan_of.get(thing.id, ())
        if self._code and any(_PACKED in name.space for name in plans):
            found["code_version"] = self._code
        for name in plans:
            plan = self._said.entities.get(name.uri)
            code = _code(plan) if plan else wording.hash_in(name.uri)
            if code:
                found["code_version"] = code
        if plans and not wording.of_workflow(thing):
            plan_name = next(iter(plans))
            found["plan"] = plan_name.local or plan_name.uri
        return found

    def place(self, made: Execution, bundles: Iterable[str | None]) -> None:
        """Remember which runs an execution belongs to."""
        root = self._root(made.id)
        if root in self._roots:
            self._members[root].append(made)
            return
        alone = next(iter(self._roots)) if len(self._roots) == 1 else None
        for bundle in bundles:
            self._members[alone if bundle is None else bundle].append(made)

    def nodes(self) -> Iterator[Record]:
        """Pipelines, runs and contexts; once all executions are placed."""
        pipelines: dict[str, Pipeline] = {}
        for run in self._runs():
            if name := self._pipeline(run.id):
                pipelines.setdefault(name, Pipeline(id=name, name=name))
            yield run
        yield from pipelines.values()
        yield from self._contexts()

    def memberships(self, ids: dict[str, str]) -> Iterator[Membership]:
        """Who belongs to what.

        Args:
            ids: of the artifacts of entities.
        """
        run, context = NodeKind.RUN, NodeKind.CONTEXT
        for run_id, members in self._members.items():
            id_ = self._run_id(run_id)
            for each in members:
                yield _within(NodeKind.EXECUTION, each.id, run, id_)
            if name := self._pipeline(id_):
                yield _within(run, id_, NodeKind.PIPELINE, name)
        for held in (self._agents_of, self._plan_of):
            for activity, names in held.items():
                for one in names:
                    if held is self._agents_of or one.uri in self.plans:
                        yield _within(NodeKind.EXECUTION, activity, context, one.uri)
        for said in self._said.relations.get("wasAttributedTo", ()):
            entity, agent = said.names.get("entity"), said.names.get("agent")
            if entity and agent and entity.uri in ids:
                yield _within(NodeKind.ARTIFACT, ids[entity.uri], context, agent.uri)

    def _runs(self) -> Iterator[Run]:
        for run_id, members in self._members.items():
            thing = self._said.activities.get(run_id or "") if run_id in self._roots else None
            entity = self._said.entities.get(run_id or "")
            kind = DOCUMENT if run_id is None else BUNDLE
            starts = [each.started for each in members if each.started is not None]
            ends = [each.ended for each in members if each.ended is not None]
            done = all(each.state is State.COMPLETE for each in members)
            described = thing or entity
            label = wording.label_of(described) if described else None
            made = Run(
                id=self._run_id(run_id),
                name=label or run_id or self._document,
                type=WORKFLOW_RUN if thing else kind,
                state=State.COMPLETE if done else None,
                started=min(starts, default=None),
                ended=max(ends, default=None) if done else None,
                created=self._flow.generated.get(run_id or ""),
            )
            if entity and run_id in self.bundles:
                made.properties = wording.properties_of(entity, "prov:Bundle")
            if self._said.zoneless:
                made.properties["times_without_zone"] = True
            yield made

    def _run_id(self, run: str | None) -> str:
        return self._document if run is None else run

    def _pipeline(self, run: str) -> str | None:
        """A run's pipeline; None for a graphlet of our own export that belonged to none."""
        if run in self._roots:
            return self._workflow
        bundle = self._said.entities.get(run)
        if bundle is None or not bundle.of(OWN, "state"):
            return self._document
        return next(texts(bundle.of(OWN, "pipeline")), None)

    def _contexts(self) -> Iterator[Context]:
        superiors: dict[str, dict[str, None]] = defaultdict(dict)
        for each in self._said.relations.get("actedOnBehalfOf", ()):
            delegate, responsible = each.names.get("delegate"), each.names.get("responsible")
            if delegate and responsible:
                superiors[delegate.uri][responsible.uri] = None
        for id_, thing in self._said.agents.items():
            made = _context(thing, AGENT)
            if superiors[id_]:
                made.properties["on_behalf_of"] = list(superiors[id_])
            yield made
        for uri in sorted(self.plans - self._said.agents.keys()):
            yield _context(self._said.entities[uri], PLAN)

    def _all_plans(self) -> set[str]:
        named = {name.uri for names in self._plan_of.values() for name in names}
        return {
            uri
            for uri, thing in self._said.entities.items()
            if uri in named or not _PLANS.isdisjoint(thing.types())
        }

    def _agent_label(self, name: Name) -> str | None:
        agent = self._said.agents.get(name.uri)
        return wording.label_of(agent) if agent else None

    def _parent(self, activity: str) -> str | None:
        thing = self._said.activities[activity]
        stated = [*thing.of(WFPROV, "wasPartOfWorkflowRun"), *thing.of(OWN, "parent")]
        if wording.of_workflow(thing):
            stated += self._said.starters(activity)
        for uri in texts(stated):
            if uri in self._said.activities and uri != activity:
                return uri
        return None

    def _root(self, activity: str) -> str:
        """The outermost activity that this one is part of; where they turn in a circle, itself."""
        path, at = {activity: None}, activity
        while at not in self._tops and (above := self._parents.get(at)) is not None:
            if above in path:
                self._tops |= {each: each for each in path}
                break
            path[above] = None
            at = above
        top = self._tops.get(at, at)
        for each in path:
            self._tops.setdefault(each, top)
        return self._tops[activity]


def _context(thing: Thing, otherwise: str) -> Context:
    type_ = wording.type_of(thing, otherwise, operator=False)
    return Context(
        id=thing.id,
        name=wording.label_of(thing) or thing.id,
        type=type_,
        properties=wording.properties_of(thing, type_),
    )


def _code(plan: Thing) -> str | None:
    """What tells a plan's version: the digest of its file, or a commit."""
    if found := wording.digest_of(plan):
        return found
    for name in ("commit", "git_commit", "gitCommit"):
        for text in texts(wording.local(plan, name)):
            if len(text) == _COMMIT and not set(text.lower()) - set("0123456789abcdef"):
                return text
    return None


def _within(member: NodeKind, id_: str, container: NodeKind, inside: str) -> Membership:
    return Membership(
        member_kind=member,
        member=id_,
        container_kind=container,
        container=inside,
        position=f"{member} {id_}",
    )
