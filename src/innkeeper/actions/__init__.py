"""Intents: one imperative verb each. Every way in calls these, and nothing else changes anything.

An action takes its target together with a right, lets the domain decide, saves through the store, and records
an event. It never commits: whoever made the call does.
"""
