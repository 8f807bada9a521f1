"""Names that TorchScript lacks, measured by compiling a call of each under torch 2.13; the tests measure them again."""

# "'Tensor' object has no attribute or method".
TENSOR_METHODS = frozenset(
    "apply_ as_subclass bfloat16 bool data_ptr dim_order is_shared map2_ map_ ndimension nelement new new_tensor "
    "register_hook "
    "register_post_accumulate_grad_hook share_memory_ storage storage_type to_sparse_coo unique untyped_storage".split()
)
# "Unknown builtin op" and "is currently not supported in Torchscript"
TORCH_FUNCTIONS = frozenset(
    "are_deterministic_algorithms_enabled asarray compile cond enable_grad finfo from_dlpack frombuffer "
    "get_default_device get_default_dtype get_num_threads get_rng_state iinfo inference_mode is_autocast_cache_enabled "
    "is_inference_mode_enabled is_storage is_tensor load save pca_lowrank set_default_device set_default_dtype "
    "set_num_threads set_printoptions set_rng_state svd_lowrank sym_float sym_int sym_ite sym_max sym_min sym_not "
    "sym_sqrt sym_sum typename unravel_index use_deterministic_algorithms vmap while_loop Tensor".split()
)
MATH_FUNCTIONS = frozenset(
    "cbrt comb dist exp2 fsum hypot isclose isqrt lcm log2 nextafter perm prod trunc ulp".split()
)
BUILTINS = frozenset(
    "aiter anext ascii callable compile delattr dir eval exec filter format globals id input issubclass iter locals "
    "next open repr set setattr vars frozenset memoryview bytearray bytes object type".split()
)
# Members of an nn.Module that TorchScript has: its containers' and `training`.
MODULE_MEMBERS = frozenset("children modules named_children named_modules named_parameters parameters buffers".split())
# Decorators that leave the function as it is, or that torch looks through.
TRANSPARENT = frozenset(
    "staticmethod classmethod property abstractmethod override overload wrap export script script_if_tracing lru_cache "
    "cache cached_property no_type_check _overload_method".split()
)
NOT_COMPILED = ("jit.ignore", "jit.unused", "jit._drop")
# Libraries whose functions torch cannot compile; where their source can be read, it holds what torch has no word for.
OUTSIDE = frozenset(
    "numpy einops einx time random os copy itertools logging functools json re sys inspect scipy".split()
)
# Parameters of torch.nn.functional that are declared float, by name and position: an int is refused there.
FLOAT_PARAMETERS = {
    f"torch.nn.functional.{name}": parameters
    for name, parameters in {
        "alpha_dropout": {"p": 1},
        "batch_norm": {"momentum": 6, "eps": 7},
        "celu": {"alpha": 1},
        "cross_entropy": {"label_smoothing": 7},
        "dropout": {"p": 1},
        "dropout1d": {"p": 1},
        "dropout2d": {"p": 1},
        "dropout3d": {"p": 1},
        "elu": {"alpha": 1},
        "group_norm": {"eps": 4},
        "gumbel_softmax": {"tau": 1, "eps": 3},
        "hardtanh": {"min_val": 1, "max_val": 2},
        "huber_loss": {"delta": 3},
        "layer_norm": {"eps": 4},
        "leaky_relu": {"negative_slope": 1},
        "normalize": {"p": 1, "eps": 3},
        "pairwise_distance": {"p": 2, "eps": 3},
        "smooth_l1_loss": {"beta": 5},
        "threshold": {"threshold": 1, "value": 2},
    }.items()
} | {"torch.cdist": {"p": 2}}
