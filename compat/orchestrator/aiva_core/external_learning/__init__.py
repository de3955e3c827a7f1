"""What AIVA Core calls external learning."""
