"""Commands that write, killed at moments of their run, and what is there afterwards."""
