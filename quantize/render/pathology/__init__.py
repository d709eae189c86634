"""Patterns of impaired walking as documented changes of a healthy walk."""
