"""P2: the slow chain to 180 days. `python bench/p2.py --help`."""

from comparison import main

if __name__ == "__main__":
    main("P2")
