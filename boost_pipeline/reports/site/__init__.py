"""The dashboard: a static site that is made of the warehouse's views, and opens from any folder without a network."""
