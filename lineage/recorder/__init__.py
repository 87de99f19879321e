"""Plain Python functions and notebooks that record what they do, and skip what was done.

```python
from lineage import recorded, recording

@recorded
def clean(frame, *, strip=True): ...

@recorded(operator="training", seed="seed")
def train(frame, *, seed): ...

with recording("outputs", "trace.jsonl", pipeline="churn"):
    model = train(clean(frame), seed=7)
```

A call is skipped when the same function, with the same code, parameters and content of its inputs,
was called before and its outputs are kept. `lineage.recorder.code` says what of the code is seen,
`lineage.recorder.call` what an input is, `lineage.recorder.store` what is kept.
"""

from lineage.recorder.default import recorded, recording
from lineage.recorder.digests import File
from lineage.recorder.later import Later
from lineage.recorder.recorder import Recorder
from lineage.recorder.step import Step
from lineage.recorder.store import OutputStore

__all__ = ["File", "Later", "OutputStore", "Recorder", "Step", "recorded", "recording"]
