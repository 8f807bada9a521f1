"""Which inputs a model is tried on: values, sizes and the other side of each decision, until the export disagrees."""
