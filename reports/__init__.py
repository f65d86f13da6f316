"""What happened: every metric, its formula in words and the entries behind it. Pure: rows in, figures out."""
