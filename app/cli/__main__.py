"""`python -m app.cli`: the command `ikhub` where it is not installed."""

from app.cli import main

main()
