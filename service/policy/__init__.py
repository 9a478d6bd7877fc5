"""The whole policy: values in, values out. No I/O, no clock, no Flask, Redis, SQL, Twilio or environment."""
