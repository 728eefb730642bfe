"""`python -m fedishare` is `fedishare`."""

from fedishare.surfaces.cli.main import main

if __name__ == "__main__":
    main()
