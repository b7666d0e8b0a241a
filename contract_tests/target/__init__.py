"""What is run against: the deployment or a mock, and the workspaces in it."""
