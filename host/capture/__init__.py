"""Pictures with their times, from files and cameras."""
