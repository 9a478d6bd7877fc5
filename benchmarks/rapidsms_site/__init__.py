"""RapidSMS, for comparison."""
