"""torch_geometric: convolutions, aggregations and models whose constructors are understood, on one random graph."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from truth.called import Built, fitting, from_parameters

_NODES, _EDGES, _WIDTH = 20, 60, 8
_VALUES: dict[str, Any] = {
    "in_channels": _WIDTH, "out_channels": _WIDTH, "hidden_channels": 8, "num_layers": 2, "channels": _WIDTH,
    "K": 2, "L": 2, "heads": 2, "alpha": 0.1, "ratio": 0.5, "num_nodes": _NODES, "num_relations": 3, "dim": 1,
    "kernel_size": 2, "k": 4, "edge_dim": 4, "theta": 0.5, "num_heads": 2, "embedding_dim": 8, "num_classes": 3,
    "depth": 2, "mode": "cat", "num_timesteps": 2, "node_dim": 0, "processing_steps": 2, "max_num_elements": 30,
    "n_elements": 30, "q": 0.5, "num_embeddings": 4, "groups": 2, "filter_size": 2, "num_clusters": 3,
    "aggrs": ["mean", "max"], "patch_size": 2, "aggr": ["mean", "max"], "aggregators": ["mean", "max"],
    "scaler": ["identity"], "scalers": ["identity"], "deg": torch.ones(8, dtype=torch.long),
    "hidden_node_channels": 8, "hidden_edge_channels": 8, "edge_type_emb_dim": 4, "num_types": 2,
    "num_node_types": 2, "num_edge_types": 3, "edge_attr_emb_dim": 4, "first_aggr": True,
}  # fmt: skip
_MADE = {  # parts that are modules themselves, made anew for each model
    "nn": lambda: nn.Linear(_WIDTH, 8), "gate_nn": lambda: nn.Linear(_WIDTH, 1),
    "mlp_f": lambda: nn.Linear(_WIDTH + 3, 8), "mlp_h": lambda: nn.Linear(_WIDTH, 3),
    "mlp_g": lambda: nn.Linear(8, _WIDTH),
}  # fmt: skip


def names() -> list[str]:
    """`kind:class`."""
    import torch_geometric.nn as nets

    kinds = (nets.conv, nets.aggr, nets.models, nets.pool, nets.norm)
    return [
        f"{kind.__name__.rpartition('.')[2]}:{name}"
        for kind in kinds
        for name in sorted(kind.__all__)
        if isinstance(cls := getattr(kind, name), type) and issubclass(cls, nn.Module)
    ]


def build(name: str) -> Built:
    """One of `names()`."""
    import torch_geometric.nn as nets

    kind, _, cls = name.partition(":")
    model = from_parameters(getattr(getattr(nets, kind), cls), _VALUES | {part: make() for part, make in _MADE.items()})
    return fitting(model, _inputs(model))


def _inputs(model: nn.Module) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    nodes, edges = torch.randn(_NODES, _WIDTH), torch.randint(0, _NODES, (2, _EDGES))
    groups = torch.arange(_NODES) // 5
    known = {
        "x": nodes, "edge_index": edges, "batch": groups, "index": groups, "edge_weight": torch.rand(_EDGES),
        "edge_attr": torch.randn(_EDGES, 4), "edge_type": torch.randint(0, 3, (_EDGES,)), "pos": torch.randn(_NODES, 3),
        "z": torch.randint(1, 10, (_NODES,)), "x_0": nodes, "hyperedge_index": edges,
    }  # fmt: skip
    parameters = inspect.signature(model.forward).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty]
    for more in ((), ("edge_attr",), ("index",), ("batch",), ("edge_weight",)):
        chosen = [p.name for p in parameters if p.name in (*needed, *more) and p.name in known]
        yield (), {name: known[name] for name in chosen}
