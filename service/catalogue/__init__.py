"""The catalogue of the datasets: DCAT-AP and StatDCAT-AP, at /catalog."""
