"""Where desired state comes from. Sources read, and write nothing."""
