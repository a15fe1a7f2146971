"""Innkeeper: gets people into a file site, keeps their access right, and gets them out again."""
