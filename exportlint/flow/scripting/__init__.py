"""What torch.jit.script would reject, read off the source as its compiler reads it.

torch compiles the forward of a model and of every module that it holds, whether called or not, exported methods and
properties, and what these call. Types come from annotations; a parameter without one is a tensor. `reach` follows that;
`syntax` knows what its parser refuses; `body`, `terms` and `calls` type a function and stay silent where they do not
know. Facts stated here were measured by scripting small modules under torch 2.13.
"""
