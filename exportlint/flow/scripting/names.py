"""Names that TorchScript lacks, measured by compiling a call of each under torch 2.13; the tests measure them again."""

# "'Tensor' object has no attribute or method".
TENSOR_METHODS = frozenset(
    "apply_ as_subclass bfloat16 bool data_ptr dim_order is_shared map2_ map_ ndimension nelement new new_tensor "
    "register_hook "
    "register_post_accumulate_grad_hook share_memory_ storage storage_type to_sparse_coo unique untyped_storage".split()
)
TENSOR_FIELDS_LACKING = frozenset("grad_dtype grad_fn names volatile".split())
# What other types have behind a dot.
METHODS = {
    "str": frozenset(
        "capitalize center count endswith expandtabs find format index isalnum isalpha isdecimal isdigit isidentifier "
        "islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition replace rfind rindex "
        "rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title upper zfill".split()
    ),
    "List": frozenset("append clear copy count extend index insert pop remove reverse sort".split()),
    "Dict": frozenset("clear copy get items keys pop popitem setdefault update values".split()),
    "int": frozenset(),
    "float": frozenset(),
    "bool": frozenset(),
}
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
    "numpy einops einx time random os copy itertools logging functools json re sys inspect scipy operator".split()
)
