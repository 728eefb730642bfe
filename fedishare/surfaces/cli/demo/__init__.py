"""Two neighbouring sites to play with on one machine: `fedishare demo`, and what is published on them."""
