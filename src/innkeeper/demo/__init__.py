"""A believable site to look around in: an invented company, its partners, three months of work."""

from innkeeper.demo.filling import DemoAccounts, fill

__all__ = ["DemoAccounts", "fill"]
