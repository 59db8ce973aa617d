"""Identity providers of an organization: OpenID Connect, what their ID tokens must prove, and which claims give which rights."""
