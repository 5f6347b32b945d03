"""Files that come over HTTP, ingested one after the other: each upload is a job."""
