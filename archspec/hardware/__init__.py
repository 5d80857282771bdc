"""What chips can do, and what that makes of a network: bounds on its time, and whether it fits."""
