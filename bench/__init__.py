"""Measurements, as ratios against a baseline in the same run wherever there is one."""
