"""Database engines, transactions, the one MetaData and its migrations. Rooms bring their tables and statements; the store runs them."""
