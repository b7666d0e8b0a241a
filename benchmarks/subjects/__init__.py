"""What is compared: the calls, the servers of this project, and the servers of others."""
