"""``python -m bench.centre``."""

from bench.centre.run import main

if __name__ == "__main__":
    main()
