"""Files read and mapped piece by piece, by this process, several ones, or those of a cluster.

Every engine runs the same two functions (`selecting.py`, `mapping.py`) and gives the same triples
and the same quarantine; what they leave behind is taken up again after a kill.
"""
