"""`python -m paylens` is the command."""

from paylens.faces.cli import main

main()
