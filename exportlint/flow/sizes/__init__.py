"""Follows the sizes of one example input through one model, exactly: what eager PyTorch would say of it.

The interpreter next door keeps configuration open; here the constructor's arguments and the sizes are those of one
export, so each branch on them has one side. What is not known ends in silence: a size that only may be wrong is no
finding. `sized` is a tensor whose rank is known, `windows` the arithmetic of convolutions and pooling, `layers` and
`operations` what torch's own do to sizes, `walk` and `values_of` read the model's code, `example` starts it.
"""
