"""What an agent needs while talking: customers, vehicles, tickets, leads. Nothing stands here yet."""
