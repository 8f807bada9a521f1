"""Generated tables about torch, each read once and only when asked for. Never edited by hand; see tools/.

The words of `torch_returns`:

| word | what a call returns |
|---|---|
| tensor, tensor:bool, tensor:int | one tensor; of always that dtype |
| tensors, tensors:2, tensors:2:values,indices | a tuple or list of tensors; so many; a named tuple |
| tuple:tensor,tensors:2 | a tuple of these |
| bool:data, number:data, list:data, numpy | a Python (or numpy) value read out of the data |
| dim, dims | a size, all sizes of a tensor |
| bool:static, int:static, dtype, device, layout, static, none | a value that no data decides |
| module | an nn.Module |
| unknown | not known |

`!shape` after a word: the shape depends on data. `word;dim->other`: `other` when the argument `dim` is given;
`name=True->` when it is given as True; `name=tensor->` when it is given a tensor. Clauses are tried from the left.
The key of a module class ("torch.nn.LSTM") says what calling an instance returns.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources


def _read(name: str) -> dict:
    return json.loads(resources.files(__name__).joinpath(name).read_text(encoding="utf-8"))


@cache
def torch_returns() -> dict[str, str]:
    """What each public function, method and module of torch returns, by public name."""
    return _read("torch_returns.json")


@cache
def torch_signatures() -> dict[str, list[str]]:
    """Parameter names by public name, in order; methods without self, modules by their constructor.

    "dim|other" where overloads differ at a position (the second is the tensor, as in torch.max), "*tensors" for a
    variadic one; those after "*" are given by keyword only.
    """
    return _read("torch_signatures.json")


@cache
def script_signatures() -> dict[str, list[str]]:
    """What torch.jit.script takes for the parameters of functions and methods of torch: each overload as
    "Tensor input, int[1]? dim, bool keepdim=, *, int? dtype=", where "=" says that it may be left out, and int is an
    enumeration too. One value makes an int[1]."""
    return _read("script_signatures.json")


@cache
def runtimes() -> dict[str, dict[str, int]]:
    """By release of ONNX Runtime ("1.20"), the highest `opset` and `ir` version of a file that it loads."""
    return _read("runtimes.json")
