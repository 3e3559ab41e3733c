"""What operators were doing when: periods, written where their true state changes."""
