"""who read a page, what waits for OCR, and members of archives"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stated", sa.JSON(), nullable=True))

    with op.batch_alter_table("texts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("readers", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("scans", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("scans_waiting", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_texts_file_sha256"), ["file_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_texts_scans_waiting"), ["scans_waiting"], unique=False)

    op.create_table(
        "page_readings",
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reader", sa.String(length=120), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["text_sha256"], ["texts.sha256"], name=op.f("fk_page_readings_text_sha256_texts")),
        sa.PrimaryKeyConstraint("text_sha256", "number", name=op.f("pk_page_readings")),
    )

    with op.batch_alter_table("arrivals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archive_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("unpacked_size", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_arrivals_archive_id"), ["archive_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_arrivals_archive_id_arrivals"), "arrivals", ["archive_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("arrivals", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_arrivals_archive_id_arrivals"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_arrivals_archive_id"))
        batch_op.drop_column("unpacked_size")
        batch_op.drop_column("archive_id")

    op.drop_table("page_readings")

    with op.batch_alter_table("texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_texts_scans_waiting"))
        batch_op.drop_index(batch_op.f("ix_texts_file_sha256"))
        batch_op.drop_column("scans_waiting")
        batch_op.drop_column("scans")
        batch_op.drop_column("readers")
        batch_op.drop_column("file_sha256")

    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_column("stated")
