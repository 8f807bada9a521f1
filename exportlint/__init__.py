"""exportlint names the lines that break a PyTorch export, and proves it by exporting."""

__version__ = "0.1.0"
