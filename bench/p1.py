"""P1: linear pharmacokinetics with an effect site and two metabolites in series, to 336 h. `python bench/p1.py --help`."""

from comparison import main

if __name__ == "__main__":
    main("P1")
