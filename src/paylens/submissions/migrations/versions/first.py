"""The first tables: sealed halves, receipts, the queue, codes and the day's marks."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    for half in ("pay", "attributes"):
        op.create_table(
            half,
            sa.Column("id", sa.LargeBinary, primary_key=True),
            sa.Column("generation", sa.SmallInteger, nullable=False),
            sa.Column("box", sa.LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        )
    op.create_table(
        "receipts",
        sa.Column("ref", sa.LargeBinary, primary_key=True),
        sa.Column("box", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "queue",
        sa.Column("place", sa.LargeBinary, primary_key=True),
        sa.Column("generation", sa.SmallInteger, nullable=False),
        sa.Column("entry", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "codes",
        sa.Column("mark", sa.LargeBinary, primary_key=True),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("used", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    postgres = op.get_bind().dialect.name == "postgresql"
    op.create_table(
        "marks",
        sa.Column("mark", sa.LargeBinary, primary_key=True),
        sa.Column("n", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
        prefixes=["UNLOGGED"] if postgres else [],
    )
    if postgres:
        # Sealed bytes do not compress: trying would cost time for each. And ANALYZE must not copy any of them, or a name
        # that leads to one, into its statistics, which a deletion does not reach.
        for table, columns in (
            ("pay", ("id", "box")), ("attributes", ("id", "box")), ("receipts", ("ref", "box")),
            ("queue", ("place", "entry")), ("codes", ("mark",)), ("marks", ("mark",)),
        ):  # fmt: skip
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0")
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Drop the tables."""
    for table in ("marks", "codes", "queue", "receipts", "attributes", "pay"):
        op.drop_table(table)
