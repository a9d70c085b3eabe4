"""What is said to people about rules, failures and reports."""
