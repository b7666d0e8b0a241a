"""The page of the results: tables, targets, and the reasons why a target is missed."""
