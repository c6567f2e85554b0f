"""What was planned: protocols frozen on their day, and what differs from them since."""
