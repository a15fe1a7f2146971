"""The guarded disk: every verb asks the access rule, then the disk, then reports."""
