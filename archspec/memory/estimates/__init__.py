"""Published estimates of what training needs, as files of formulas over quantities that are read off a network."""
