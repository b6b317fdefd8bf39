"""HTML for officials: values in, self-contained Chinese pages out."""
