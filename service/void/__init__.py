"""The description of the data for machines (VoID), at /.well-known/void."""
