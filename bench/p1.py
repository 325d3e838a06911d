"""P1: linear pharmacokinetics with effect site and two metabolites, to 336 h. `python bench/p1.py --help`."""

from comparison import main

if __name__ == "__main__":
    main("P1")
