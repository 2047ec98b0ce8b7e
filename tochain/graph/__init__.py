"""Links to hops: who connects to whom, with the timers of both ends."""
