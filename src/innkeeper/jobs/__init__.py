"""Durable background work: what is begun goes on after a crash."""
