"""Keeps code that nobody trusts from the machine it runs on: processes and containers that give up their rights."""
