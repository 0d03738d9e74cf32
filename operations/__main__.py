"""``python -m operations`` is ``sentiment``."""

from operations.cli import main

if __name__ == "__main__":
    main()
