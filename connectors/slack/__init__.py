"""Slack as a channel. Only what listens or speaks imports Slack's own libraries, which take time and memory: `keeping`,
`line`, `door`, `app` and `posting`."""
