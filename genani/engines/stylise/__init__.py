"""Pictures in another style: who redraws them, and what is the same for all of them."""
