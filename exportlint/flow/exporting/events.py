"""What a script was seen to do with models and exported files. As with the interpreter's events, nobody is blamed."""

from __future__ import annotations

from exportlint.finding import Span
from exportlint.flow.events import Event, Place
from exportlint.flow.immutable import immutable


@immutable
class Dotted:
    """The value of an argument that is a name outside the project: torch.onnx.TrainingMode.TRAINING."""

    name: str


@immutable
class Argument:
    """An argument of a call: its name, or its position as text, where it stands, and its `value` where `known`.

    A known value is a Python constant, a tuple (for lists too), a tuple of (key, value) pairs in `pairs` (of positions
    and values for a sequence of dicts), or Dotted.
    """

    name: str
    span: Span
    known: bool
    value: object = None
    pairs: tuple[tuple[object, object], ...] | None = None


@immutable
class Example:
    """A tensor or array: its sizes (None where one is unknown), dtype ("float32") and device, where known.

    `array`: a numpy array. `made` is its source text.
    """

    shape: tuple[int | None, ...] | None
    dtype: str | None
    device: str | None
    array: bool
    made: str


@immutable
class Site(Event):
    """Something that a script does, outside of any model's forward."""


@immutable
class LibraryCall(Site):
    """A call of a function outside the project, by its full name, that some rule asks for.

    `saved`: what the same script wrote to the file that is read: "module", "weights" or "script".
    """

    name: str
    arguments: tuple[Argument, ...]
    saved: str | None = None

    def argument(self, name: str) -> Argument | None:
        """An argument by its name, or its position as text."""
        return next((one for one in self.arguments if one.name == name), None)


@immutable
class ExportCall(LibraryCall):
    """A call of an exporter.

    `modes`: what the model's mode may be here: "train", "eval", "unknown". `sensitive`: what it computes differently
    while training: "nothing", "statistics" (of the batch), "dropout" (and all else) or "unknown". `trained`: where it
    got its training mode.
    `form`: "eager", "parallel", "compiled", "traced", "scripted", "quantized", or "" where paths differ or nothing is
    known. `parameters`: the names that forward takes, where the model's class is known.
    `examples`: the example inputs in order, None for one that is not known; None where not even their number is.
    """

    modes: frozenset[str] = frozenset()
    sensitive: str = "unknown"
    trained: Place | None = None
    form: str = ""
    dtype: str | None = None
    device: str | None = None
    parameters: tuple[str, ...] | None = None
    examples: tuple[Example | None, ...] | None = None


@immutable
class Fed:
    """One input of a run: its name, what it is, and the example that the export was made with, where known.

    `dynamic`: the axes that were exported as dynamic; None where that is not known.
    """

    name: str | None
    what: Example | None
    example: Example | None
    dynamic: frozenset[int] | None


@immutable
class Run(Site):
    """An exported file or program is run. `inputs` and `outputs` are the names it was given, where known.

    `export`: where it was exported. `fed` are its inputs; `asked` the names of outputs asked for, where known.
    `runtime`: "onnxruntime" or "torch.export".
    """

    runtime: str
    export: Place
    inputs: tuple[str, ...] | None
    outputs: tuple[str, ...] | None
    fed: tuple[Fed, ...]
    asked: tuple[str, ...]


@immutable
class Comparison(Site):
    """Two results are compared, by `function`.

    `used`: the outcome is asserted, tested or kept. `same`: both are one value. `tolerances`: the known ones by name.
    `example`: all comparisons of this export use the inputs it was made from; the export stands at `export`.
    """

    function: str
    used: bool
    same: bool
    tolerances: tuple[tuple[str, float], ...]
    example: bool
    export: Place | None


@immutable
class Saved(Site):
    """A TorchScript module is written to a file. `optimized`: where optimize_for_inference made it.

    `convolution`: whether it holds a convolution, None where not known. `modes` and `sensitive` as in ExportCall.
    """

    form: str
    optimized: Place | None
    convolution: bool | None
    modes: frozenset[str]
    sensitive: str


@immutable
class MissingMethod(Site):
    """A method called `name` of a "traced" or "scripted" module, which only its class has.

    `method`: where the class defines it. `export`: where the module was traced or scripted.
    """

    name: str
    form: str
    method: Place
    export: Place | None


@immutable
class Measured(Site):
    """The size of an ONNX file is read; `export` wrote its weights beside it."""

    export: Place


@immutable
class SizesDiffer(Site):
    """An operation of a model cannot take the sizes that come of the example input. `said`: the arithmetic.

    `export`: where the example is handed over. `layer`: where the layer that refuses them is made, where known.
    """

    said: str
    export: Place
    layer: Place | None
