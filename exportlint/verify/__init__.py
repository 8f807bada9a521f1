"""verify/: the dynamic half: builds, exports, runs and compares; only worker.py and what it calls import torch."""
