"""What is kept from token to token: keys, values and states, by conventions of who allocates how much."""
