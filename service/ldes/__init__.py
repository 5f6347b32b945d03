"""The event streams (LDES, TREE) at /ldes."""
