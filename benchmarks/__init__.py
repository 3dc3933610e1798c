"""What is measured, beside a peer in the same run: `make bench`. Not shipped, and not part of the tests."""
