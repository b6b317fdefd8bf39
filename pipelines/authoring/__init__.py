"""Stewards author in XLSX; a department's catalogue list becomes drafts. YAML is what is kept."""
