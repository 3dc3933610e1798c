"""what was harvested, and the files of inboxes that are under way"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "harvests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("metadata_prefix", sa.String(length=100), nullable=False),
        sa.Column("set_name", sa.String(length=400), nullable=False),
        sa.Column("since", sa.String(length=40), nullable=True),
        sa.Column("began", sa.String(length=40), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvests")),
        sa.UniqueConstraint(
            "url", "metadata_prefix", "set_name", name=op.f("uq_harvests_url_metadata_prefix_set_name")
        ),
    )
    op.create_table(
        "harvested",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("harvest_id", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(length=2000), nullable=False),
        sa.Column("datestamp", sa.String(length=40), nullable=True),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["harvest_id"], ["harvests.id"], name=op.f("fk_harvested_harvest_id_harvests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvested")),
        sa.UniqueConstraint("harvest_id", "identifier", name=op.f("uq_harvested_harvest_id_identifier")),
    )
    op.create_table(
        "harvested_files",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("harvested_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.String(length=100), nullable=True),
        sa.Column("arrival_id", sa.Integer(), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrivals.id"], name=op.f("fk_harvested_files_arrival_id_arrivals")),
        sa.ForeignKeyConstraint(
            ["harvested_id"], ["harvested.id"], name=op.f("fk_harvested_files_harvested_id_harvested")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvested_files")),
        sa.UniqueConstraint("harvested_id", "url", name=op.f("uq_harvested_files_harvested_id_url")),
    )
    with op.batch_alter_table("harvested_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_harvested_files_arrival_id"), ["arrival_id"], unique=False)

    op.create_table(
        "inbox_files",
        sa.Column("arrival_id", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["arrival_id"], ["arrivals.id"], name=op.f("fk_inbox_files_arrival_id_arrivals")),
        sa.PrimaryKeyConstraint("arrival_id", name=op.f("pk_inbox_files")),
    )
    with op.batch_alter_table("inbox_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_files_folder"), ["folder"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("inbox_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_files_folder"))
    op.drop_table("inbox_files")
    with op.batch_alter_table("harvested_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_harvested_files_arrival_id"))
    op.drop_table("harvested_files")
    op.drop_table("harvested")
    op.drop_table("harvests")
