"""Where data lives: releases, transactions and the query workers."""
