"""The version of a function's code: a digest of its source and of what that source refers to.

Seen are: the source without comments and layout; defaults; closed-over values; module-level
constants that it names; and what is given as `depends`. Not seen are the functions and classes that
it calls, and the versions of libraries: name those in `depends`, or give a `code_version`.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
import textwrap
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from lineage.errors import RecordingError
from lineage_ingest.trace_json import canonical, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def code_version(function: Callable[..., Any], depends: Iterable[object] = ()) -> str:
    """The version of a function's code.

    Args:
        function: a plain function, a class, or a partial of one.
        depends: helpers (functions, classes, modules) and values that its result rests on too.

    Raises:
        RecordingError: it refers to a value that has no canonical form.
    """
    form = _form(function, frozenset())
    form["depends"] = [_value(one, "depends", frozenset()) for one in depends]
    return f"sha256:{hashlib.sha256(canonical(form).encode()).hexdigest()}"


def code_form(value: object) -> dict[str, Any] | None:
    """The canonical form of a function or class as a parameter; None for anything else."""
    if isinstance(value, FunctionType | type | partial):
        return {"$code": [qualified_name(value), code_version(value)]}
    if inspect.isbuiltin(value):
        return {"$code": [qualified_name(value), sys.version.partition(" ")[0]]}
    return None


def qualified_name(function: Any) -> str:
    """The name of a function or class with its module, the script's name where that is run."""
    if isinstance(function, partial):
        return qualified_name(function.func)
    module = getattr(function, "__module__", None) or "builtins"
    if module == "__main__":
        file = getattr(sys.modules["__main__"], "__file__", None)
        module = Path(file).stem if file else "notebook"
    return f"{module}.{function.__qualname__}"


def _form(function: Any, seen: frozenset[int]) -> dict[str, Any]:
    if isinstance(function, partial):
        given = [_value(function.args, "an argument", seen), _value(function.keywords, "", seen)]
        return {"partial": _form(function.func, seen), "given": given}
    inner = inspect.unwrap(function)
    if not isinstance(inner, FunctionType):
        return {"source": _source(inner)}
    seen |= {id(inner)}
    name = inner.__qualname__
    form: dict[str, Any] = {"source": _source(inner)}
    defaults = [inner.__defaults__, inner.__kwdefaults__]
    form["defaults"] = _value(defaults, f"a default of {name}", seen)
    form["closure"] = {
        variable: _value(cell.cell_contents, f"{variable}, which {name} closes over,", seen)
        for variable, cell in zip(inner.__code__.co_freevars, inner.__closure__ or (), strict=True)
        if _filled(cell)
    }
    form["constants"] = dict(_constants(inner))
    return form


def _value(value: object, what: str, seen: frozenset[int]) -> Any:
    def other(one: object) -> Any:
        if id(inspect.unwrap(one) if callable(one) else one) in seen:
            return {"$code": "itself"}
        if isinstance(one, ModuleType):
            return {"$module": [one.__name__, getattr(one, "__version__", None) or _source(one)]}
        if callable(one) and isinstance(inspect.unwrap(one), FunctionType | type | partial):
            return {"$code": _form(one, seen)}
        found = code_form(one)
        if found is None:
            raise TypeError(f"is a {type(one).__qualname__}")
        return found

    try:
        return typed(value, other=other)
    except TypeError as error:
        raise RecordingError(
            f"{what} cannot be identified ({error}): pass it as an argument, or give the step a "
            "code_version"
        ) from error


def _filled(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _constants(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Plain values of the module that the code names, its inner functions too."""
    for name in sorted(_names(function.__code__)):
        if name in function.__globals__ and not name.startswith("__"):
            try:
                yield name, typed(function.__globals__[name])
            except TypeError:  # a helper, a module: not seen unless `depends` names it
                continue


def _names(code: CodeType) -> set[str]:
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(_names, inner))


@lru_cache(maxsize=1_000)
def _source(thing: Any) -> str:
    """The source without comments and layout, else the compiled code."""
    try:
        return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(thing))))
    except (OSError, TypeError, SyntaxError):
        pass
    if isinstance(thing, FunctionType):
        return canonical({"": _compiled(thing.__code__)})
    module = sys.modules.get((getattr(thing, "__module__", "") or "").partition(".")[0])
    return f"{qualified_name(thing)} {getattr(module, '__version__', '')}"


def _compiled(code: CodeType) -> list[Any]:
    """What a function compiled to, which another version of Python may do otherwise."""
    constants = [
        _compiled(one) if isinstance(one, CodeType) else repr(one) for one in code.co_consts
    ]
    return [code.co_code.hex(), constants, list(code.co_names), list(code.co_varnames)]
