"""What people do in Slack with the app: buttons, dialogs and the command `/optral` (docs/slack.md)."""
