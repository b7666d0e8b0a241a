"""The mock meets clients that this project did not write. `make clients` writes docs/compatibility.md."""
