"""The reference recipe fitted without pandas, Prophet or Stan: same posterior, same optimum, same files."""
