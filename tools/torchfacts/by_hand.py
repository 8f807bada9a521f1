"""Returns that neither stubs, signatures, schemas nor samples say. Each group gives its reason."""

from __future__ import annotations

# A Python value that is read out of the tensor's data: torch's stubs give only its Python type.
DATA = {
    "torch.Tensor.__array__": "numpy",
    "torch.Tensor.__bool__": "bool:data",
    "torch.Tensor.__complex__": "number:data",
    "torch.Tensor.__contains__": "bool:data",
    "torch.Tensor.__float__": "number:data",
    "torch.Tensor.__index__": "number:data",
    "torch.Tensor.__int__": "number:data",
    "torch.Tensor.__long__": "number:data",
    "torch.Tensor.__nonzero__": "bool:data",
    "torch.Tensor.allclose": "bool:data",
    "torch.Tensor.equal": "bool:data",
    "torch.Tensor.is_nonzero": "bool:data",
    "torch.Tensor.item": "number:data",
    "torch.Tensor.tolist": "list:data",
    "torch.allclose": "bool:data",
    "torch.equal": "bool:data",
    "torch.is_nonzero": "bool:data",
}

# An int that is a size of the tensor, or made of its sizes: to the stubs any int.
DIMENSIONS = {
    "torch.Tensor.__len__": "dim",
    "torch.Tensor.nbytes": "dim",
    "torch.Tensor.nelement": "dim",
    "torch.Tensor.numel": "dim",
    "torch.Tensor.size": "dims;dim->dim",
    "torch.Tensor.stride": "dims;dim->dim",
    "torch.Size": "dims",
    "torch.broadcast_shapes": "dims",
    "torch.numel": "dim",
    "torch.sym_float": "dim",
    "torch.sym_int": "dim",
    "torch.sym_max": "dim",
    "torch.sym_min": "dim",
    "torch.sym_sum": "dim",
}

# The shape depends on data only for some arguments; operator tags know no arguments.
SHAPES = {
    "torch.Tensor.nonzero": "tensor:int!shape;as_tuple=True->tensors!shape",
    "torch.Tensor.repeat_interleave": "tensor;repeats=tensor->tensor!shape",
    "torch.Tensor.unique": "tensor!shape;return_inverse=True->tensors!shape;return_counts=True->tensors!shape",
    "torch.Tensor.unique_consecutive": (
        "tensor!shape;return_inverse=True->tensors!shape;return_counts=True->tensors!shape"
    ),
    "torch.nn.functional.one_hot": "tensor:int!shape;num_classes->tensor:int",
    "torch.nonzero": "tensor:int!shape;as_tuple=True->tensors!shape",
    "torch.nested.masked_select": "tensor!shape",
    "torch.repeat_interleave": "tensor;repeats=tensor->tensor!shape",
    "torch.unique": "tensor!shape;return_inverse=True->tensors!shape;return_counts=True->tensors!shape",
    "torch.unique_consecutive": "tensor!shape;return_inverse=True->tensors!shape;return_counts=True->tensors!shape",
    # torch.where(condition) alone is nonzero(as_tuple=True)
    "torch.where": "tensors!shape;input->tensor",
}

# Python functions without annotations, or whose annotation is a union that says less than this.
PYTHON = {
    "torch.Tensor.__eq__": "tensor:bool",
    "torch.Tensor.__ge__": "tensor:bool",
    "torch.Tensor.__getitem__": "tensor",
    "torch.Tensor.__gt__": "tensor:bool",
    "torch.Tensor.__iter__": "tensors",
    "torch.Tensor.__le__": "tensor:bool",
    "torch.Tensor.__lt__": "tensor:bool",
    "torch.Tensor.__ne__": "tensor:bool",
    "torch.Tensor.__reversed__": "tensor",
    "torch.Tensor.__ipow__": "tensor",
    "torch.Tensor.__itruediv__": "tensor",
    "torch.Tensor.__pos__": "tensor",
    "torch.Tensor.as_subclass": "tensor",
    "torch.Tensor.backward": "none",
    "torch.Tensor.grad": "tensor",
    "torch.Tensor.is_shared": "bool:static",
    "torch.Tensor.share_memory_": "tensor",
    "torch.Tensor.to_sparse_coo": "tensor",
    "torch.Tensor.type": "static;dtype->tensor",
    "torch.Tensor.volatile": "bool:static",
    "torch.nn.Buffer": "tensor",
    "torch.nn.Parameter": "tensor",
    "torch.atleast_1d": "tensor;*tensors->tensors",
    "torch.atleast_2d": "tensor;*tensors->tensors",
    "torch.atleast_3d": "tensor;*tensors->tensors",
    "torch.autocast": "static",
    "torch.autograd.grad": "tensors",
    "torch.autograd.kineto_available": "bool:static",
    "torch.device": "device",
    "torch.dtype": "dtype",
    "torch.enable_grad": "static",
    "torch.from_dlpack": "tensor",
    "torch.get_default_dtype": "dtype",
    "torch.layout": "layout",
    "torch.histogramdd": "tuple:tensor,tensors",
    "torch.inference_mode": "static",
    "torch.jit.freeze": "module",
    "torch.jit.load": "module",
    "torch.jit.optimize_for_inference": "module",
    "torch.jit.script": "module",
    "torch.jit.trace": "module",
    "torch.jit.trace_module": "module",
    "torch.jit.isinstance": "bool:static",
    # the schema is tagged for `residuals`, which is empty or not; the other three have fixed shapes
    "torch.linalg.lstsq": "tensors:4:solution,residuals,rank,singular_values",
    "torch.nn.functional.multi_head_attention_forward": "tensors:2;need_weights=False->tuple:tensor,none",
    "torch.nn.functional.sigmoid": "tensor",
    "torch.nn.functional.softsign": "tensor",
    "torch.nn.functional.tanh": "tensor",
    "torch.nn.functional.tanhshrink": "tensor",
    "torch.nn.functional.upsample": "tensor",
    "torch.nn.functional.upsample_bilinear": "tensor",
    "torch.nn.functional.upsample_nearest": "tensor",
    "torch.no_grad": "static",
    "torch.promote_types": "dtype",
    "torch.result_type": "dtype",
    "torch.set_grad_enabled": "static",
    # the stub knows only the form that writes into `out`
    "torch.split_copy": "tensors",
    "torch.split_with_sizes_copy": "tensors",
    "torch.unbind_copy": "tensors",
    "torch.sparse.addmm": "tensor",
    "torch.sparse.log_softmax": "tensor",
    "torch.sparse.softmax": "tensor",
    "torch.sparse.spdiags": "tensor",
    "torch.sparse.spsolve": "tensor",
    "torch.sym_ite": "dim",
    "torch.sym_not": "bool:static",
    "torch.sym_sqrt": "dim",
}

# Modules whose result depends on constructor or call arguments; ";name=True->" names an argument of either.
MODULES = {
    f"torch.nn.{name}MaxPool{d}d": "tensor;return_indices=True->tensors:2"
    for name, dims in (("", "123"), ("Adaptive", "123"), ("Fractional", "23"))
    for d in dims
} | {
    "torch.nn.AdaptiveLogSoftmaxWithLoss": "tensors:2:output,loss",
    "torch.nn.MultiheadAttention": "tensors:2;need_weights=False->tuple:tensor,none",
}

BY_HAND = {**DATA, **DIMENSIONS, **SHAPES, **PYTHON, **MODULES}

# Python signatures that say only *args.
SIGNATURES = {
    "torch.einsum": ["equation", "*operands"],
    "torch.Tensor.__getitem__": ["index"],
}
