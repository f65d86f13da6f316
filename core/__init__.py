"""What every room shares: clock, ids, phone numbers, audio format, errors, facts and the in-process bus. No I/O."""
