"""Many histories at one glance: who is red, who is worse, who is stale; what needs a person first."""
