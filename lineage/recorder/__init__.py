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
was called before and its outputs are kept. By default not when it has no inputs, nor a training
without a seed, nor a deployment (`reuse=True` lifts the first two). Each call, skipped or not, is
an execution in the trace, which `lineage ingest trace.jsonl` loads.

- **Inputs** are frames, series, arrays, Arrow tables, `File("path")` and whatever a step returned;
  all else has to be plain values, and is a parameter. An argument that is neither is refused.
- **Code** is the function's source with its defaults, closed-over values and the constants that it
  names. Helpers that it calls and versions of libraries are not seen: name them, as in
  `@recorded(depends=[helper, sklearn])`, or give a `code_version`.
- **Outputs** are kept as Parquet, NumPy's format, JSON or files. What does not come back from there
  as it was is not kept. Models are kept with `OutputStore("outputs", joblib=True)` alone.
- A step should change nothing but what it returns; one that returns None is not skipped.
- `train.later(clean.later(frame), seed=7)` puts off reading: what is known is read only when it is
  needed, so that of a chain of steps only the last output is. `value()` gives it.
- **Notebooks**: `with rec.execution("Train", {"frame": frame}, {"depth": 3}) as run:` records a
  block, and `run.output(model, "model")` what it made.
- Whatever goes wrong with the store or the trace gives a `RecordingWarning`, and the work is done.
"""

from lineage.recorder.default import recorded, recording
from lineage.recorder.digests import File
from lineage.recorder.later import Later
from lineage.recorder.recorder import Recorder
from lineage.recorder.step import Step
from lineage.recorder.store import OutputStore

__all__ = ["File", "Later", "OutputStore", "Recorder", "Step", "recorded", "recording"]
