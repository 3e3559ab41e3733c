"""Judging of applications: batches, the judge, calls of services, verdicts, and the dry run."""
