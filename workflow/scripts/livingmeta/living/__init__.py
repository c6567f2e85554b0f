"""What an update needs: pruning of vanished results."""
