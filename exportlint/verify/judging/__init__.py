"""What a difference is worth and where it comes from: noise, tolerance, the line at fault, the verdict."""
