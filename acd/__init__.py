"""Who takes the call: agents, queues, one scheduler, offers, wait estimates. Pure but for the driver, ``distributor``."""
