"""What torch itself says about its public functions: stubs, signatures, schemas, and what came back when called."""
