"""The documentation site: pages of `docs/`, and pages made from the code, as one folder of HTML.

`make site` builds it into `build/site`. Nothing that is made here is committed, and no page asks
the network for anything.
"""
