"""The names that documents use: namespaces, keywords, and those of our own."""

from __future__ import annotations

PROV = "http://www.w3.org/ns/prov#"
WFPROV = "http://purl.org/wf4ever/wfprov#"
WFDESC = "http://purl.org/wf4ever/wfdesc#"
CWLPROV = "https://w3id.org/cwl/prov#"

OWN = "urn:lineage:vocabulary:"
"""What our export says of a thing, beyond PROV: its class, its state, its cost."""

OWN_PROPERTY = "urn:lineage:property:"
"""A property of a thing, its name percent-encoded."""

OWN_JSON = "urn:lineage:property-json:"
"""The same for a list or a mapping, as JSON text."""

OWN_EXECUTION = "urn:lineage:execution:"
OWN_ARTIFACT = "urn:lineage:artifact:"
OWN_GRAPHLET = "urn:lineage:graphlet:"

PREFIXES = {
    PROV: "prov",
    WFPROV: "wfprov",
    WFDESC: "wfdesc",
    CWLPROV: "cwlprov",
    "http://purl.org/wf4ever/wf4ever#": "wf4ever",
    "http://purl.org/dc/terms/": "dcterms",
    "http://schema.org/": "schema",
    "http://www.w3.org/2001/XMLSchema#": "xsd",
}
"""One prefix for each well-known namespace, whichever a document chose."""

KEYWORDS = frozenset({
    "entity", "activity", "agent", "used", "wasGeneratedBy", "wasInformedBy", "wasStartedBy",
    "wasEndedBy", "wasInvalidatedBy", "wasDerivedFrom", "wasAttributedTo", "wasAssociatedWith",
    "actedOnBehalfOf", "wasInfluencedBy", "specializationOf", "alternateOf", "mentionOf",
    "hadMember",
})  # fmt: skip
"""PROV-N's words for the kinds of statements, which PROV-JSON uses as keys."""

WORKFLOW_RUN = "wfprov:WorkflowRun"
ACTIVITY, ENTITY, AGENT, PLAN = "prov.activity", "prov.entity", "prov.agent", "prov.plan"
DERIVATION, COLLECTION, COMMUNICATION = "prov.derivation", "prov.collection", "prov.communication"
DOCUMENT, BUNDLE = "prov.document", "prov.bundle"
