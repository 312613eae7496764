"""Who or what wrote a mail: machines, people, and whom to believe."""
