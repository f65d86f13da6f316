"""Who takes the call: agents, queues, one scheduler, wait estimates. Pure but for the driver, ``distributor``."""
