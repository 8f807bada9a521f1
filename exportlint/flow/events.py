"""What the interpreter saw that can matter. Rules turn events into findings; an event blames nobody."""

from __future__ import annotations

from exportlint.finding import Confidence, Related, Span
from exportlint.flow.immutable import immutable


@immutable
class Place:
    """A line that a reader should look at too, and what happens there."""

    path: str
    line: int
    what: str


def related_to(*places: Place | None) -> tuple[Related, ...]:
    """Those of some places that there are, as a finding shows them."""
    return tuple(Related(place.path, place.line, place.what) for place in places if place is not None)


@immutable
class Event:
    """Something at a place, on a path that is live for `targets` (guards such as is_tracing() are decided per target).

    `symbol` is the function that the span stands in. `certain`: no branch on configuration or on another argument leads
    here, so that every export of the model meets it.
    """

    span: Span
    symbol: str
    targets: frozenset[str]
    confidence: Confidence
    certain: bool


@immutable
class Decision(Event):
    """Python decided something on a value that came out of a tensor.

    `form`: if, while, ternary, assert, and, or, not, comprehension, match, compare, all, any, min, max, in.
    `subject`: "tensor" when the tensor itself is tested, "number" when it was converted before, at `origin`.
    `depends`: "input" or "state" (a parameter or buffer; the same in every call).
    `text`: source of the condition. `only_checks`: the arms do nothing but raise, warn or log.
    """

    form: str
    subject: str
    depends: str
    text: str
    only_checks: bool
    origin: Place | None


@immutable
class Conversion(Event):
    """A tensor became a Python value: `how` is item, tolist, int, float, bool, len, format, str, numpy, complex,

    "torch.tensor" of a list of tensors, "math.sqrt" and its kin. `subject`: "tensor", or "number" where a number taken
    out before goes through a function of math. `uses`: what the value went into: "branch", "check", "size", "slice",
    "index", "arithmetic", "output"... `dynamic` as in Iteration, for len.
    """

    how: str
    subject: str
    depends: str
    text: str
    dynamic: str
    uses: tuple[tuple[str, Place], ...]


@immutable
class Iteration(Event):
    """A Python loop, comprehension, unpacking or star over the first axis of a tensor (`subject` "tensor"),

    over a dimension (`range(x.shape[1])`, subject "dimension"), over a number taken out of a tensor ("number") or over
    a parameter that is a list of tensors ("list"). `form`: for, comprehension, unpack, star, call; of a list also len.
    `axis`: (input, axis) where it is known. `dynamic`: whether the length changes from call to call: "declared" (the
    spec says so), "possible" (no spec says), "fixed".
    """

    form: str
    subject: str
    depends: str
    text: str
    axis: tuple[str, int] | None
    dynamic: str
    origin: Place | None


@immutable
class DimensionUse(Event):
    """A dimension decided or changed the computation: `form` if, while, ternary, assert, min, max, int, float,
    format...

    `axes`: the (input, axis) pairs it came from, where known. `only_checks` as in Decision, `dynamic` as in Iteration.
    `rounds`: arithmetic on it before gives several sizes the same whole number (`int(n * 0.5)`).
    """

    form: str
    text: str
    axes: tuple[tuple[str, int], ...]
    dynamic: str
    only_checks: bool
    rounds: bool = False


@immutable
class OperatorCall(Event):
    """A torch operation in the forward path.

    `name`: its public name: "torch.einsum", "torch.nn.functional.interpolate", "torch.Tensor.unfold",
    "torch.nn.Upsample" (a module is reported where it is called, its constructor's arguments in `arguments`),
    "operator.matmul", "operator.getitem". `arguments`: those whose value is known, as (name, value) with name the
    parameter's name or its position as text; values are Python numbers, strings, bools, None, tuples of them. `given`:
    names or positions of all arguments given; `numbers`: of those that are numbers of a value that is not known.
    `dtype`: the tensor's dtype ("float64") where known.
    `returned`: an entry method returns its result as it is. `on_input`: it works on what the model is called with, as
    that came.
    """

    name: str
    arguments: tuple[tuple[str, object], ...]
    given: tuple[str, ...]
    dtype: str | None
    returned: bool = False
    on_input: bool = False
    numbers: tuple[str, ...] = ()

    def argument(self, name: str, position: int | None = None, default: object = None) -> object:
        """The known value of an argument, by name or position, else `default`."""
        known = dict(self.arguments)
        if name in known:
            return known[name]
        return known.get(str(position), default)


@immutable
class NumpyCall(Event):
    """A numpy (or other tensor-unaware library's) function got a tensor: `library`, `function`."""

    library: str
    function: str
    depends: str


@immutable
class Parameter(Event):
    """A parameter of a function that scripting would compile: forward, what it calls, @torch.jit.export methods.

    `annotation`: source text or None; `default`: source text or None; `kind`: what the default is: "int", "float",
    "bool", "str", "None", "list", "dict", "tuple", "other" or None; `insert`: where ": type" would be written.
    `tested`: where a tensor parameter is tested for None and used, which torch compiles and then gets wrong;
    or the first place where one that is a str is compared, at which torch stops.
    `header`: the line of `def`, where torch puts the blame, if it is another one.
    """

    name: str
    annotation: str | None
    default: str | None
    kind: str | None
    insert: Span
    tested: tuple[Place, ...] = ()
    header: Place | None = None


@immutable
class DataAccess(Event):
    """`x.data` of a tensor is read, or assigned: `text`. Only its sizes, dtype or device are no access."""

    depends: str
    assigned: bool
    text: str


@immutable
class Autocast(Event):
    """torch.autocast on the `device`, with a `dtype` where one is given, which may be switched off."""

    device: str
    dtype: str | None


@immutable
class PythonDraw(Event):
    """A random number drawn by Python or numpy: `function` is "random.random", "numpy.random.rand"."""

    function: str


@immutable
class Copy(Event):
    """copy.copy or copy.deepcopy (`function`) of `what`: "tensor", "module", or "container" of tensors."""

    function: str
    what: str
    text: str


@immutable
class AutogradCall(Event):
    """A torch.autograd.Function of the project, the class `name`, is applied."""

    name: str


@immutable
class CustomCall(Event):
    """An operator that is not torch's own is called: `name`, "mine::twice"; `by_function`, not through torch.ops."""

    name: str
    by_function: bool


@immutable
class DropoutCall(Event):
    """torch.nn.functional.dropout and its kin, and what `training` was: "default", "true", "self.training", "other".

    scaled_dot_product_attention has no such parameter, and drops whenever its probability is not 0.
    """

    function: str
    training: str
    probability: float | None


@immutable
class ViewWrite(Event):
    """An assignment into a view of another tensor that is used afterwards: `view = cache[0]; view[:, 1:] = x`.

    `taken`: where the variable that is written to, or that sees the write, became a view.
    """

    text: str
    taken: tuple[Place, ...] = ()


@immutable
class PackedCall(Event):
    """A recurrent `layer` ("GRU") is called with a packed sequence."""

    layer: str


@immutable
class StateWrite(Event):
    """A buffer or another attribute `name` gets a new value that is computed from its old one, and lives to the next
    call.

    `form`, of a buffer or tensor: "augmented" (`self.count += 1`), "in-place" (`self.count.add_(1)`), "item"
    (`self.cache[i] = x`), "replaced" (`self.mean = self.mean + x`, a buffer). Of what no exporter sees: "counted"
    (`self.steps += 1` of a number, `self.mean = self.mean + x` of a plain tensor), "grown" (`self.seen.append(x)`),
    "left" (`self.past = x` of a tensor, after `self.past` was used: `seen` says where).
    """

    name: str
    form: str
    seen: tuple[Place, ...] = ()


@immutable
class WrapperCall(Event):
    """A module is called, at `called`, through a wrapper that stands at the span: "torch.compile", "checkpoint"."""

    wrapper: str
    called: Place


@immutable
class ScriptFault(Event):
    """torch.jit.script would stop here. `detail` says at what, `text` is the source it stands in, `other` are places
    that torch may name instead.

    `reason`: variable-arguments, nested-function, unsupported-syntax, star-expansion, list-length, module-container,
    reflection, hook, optional, attribute, variable-type, return-type, container-type, argument-type, annotation,
    call-outside, global-value, wrapped-function, super-call or tensor-method.
    """

    reason: str
    text: str
    detail: str
    other: tuple[Place, ...] = ()
