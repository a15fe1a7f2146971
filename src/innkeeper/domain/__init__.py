"""The rules: plain dataclasses and functions. No SQL, no HTTP, no clock, no logging; `now` is an argument."""
