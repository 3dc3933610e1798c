"""one relation for a pair of documents, and what duplicates are found by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The table gets another primary key: made anew, with what the first catalogue noted of new versions.
    connection = op.get_bind()
    known = connection.execute(
        sa.text("SELECT record_id, other_id, relation, status, found_at FROM relations ORDER BY found_at")
    ).all()
    op.drop_table("relations")
    op.create_table(
        "relations",
        sa.Column("pair", sa.String(length=33), nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("other_id", sa.String(length=16), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed", sa.Boolean(), nullable=False),
        sa.Column("shared", sa.Double(), nullable=True),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("settled_by", sa.String(length=100), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["other_id"], ["records.id"], name=op.f("fk_relations_other_id_records")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_relations_record_id_records")),
        sa.PrimaryKeyConstraint("pair", name=op.f("pk_relations")),
    )
    with op.batch_alter_table("relations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relations_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_relations_record_id"), ["record_id"], unique=False)
    pairs = {" ".join(sorted((row.record_id, row.other_id))): row for row in known}
    for pair, row in pairs.items():
        connection.execute(
            sa.text(
                "INSERT INTO relations (pair, record_id, other_id, relation, status, found_at, proposed, pages)"
                " VALUES (:pair, :record_id, :other_id, :relation, :status, :found_at, :proposed, '[]')"
            ),
            {"pair": pair, "proposed": True, **row._mapping},
        )

    op.create_table(
        "sketches",
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_sketches_record_id_records")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_sketches")),
    )
    op.create_table(
        "marks",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_marks_record_id_records")),
        sa.PrimaryKeyConstraint("mark", "record_id", name=op.f("pk_marks")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("marks")
    op.drop_table("sketches")
    op.drop_table("relations")
    op.create_table(
        "relations",
        sa.Column("record_id", sa.String(length=16), nullable=False),
        sa.Column("other_id", sa.String(length=16), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["records.id"], name=op.f("fk_relations_other_id_records")),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_relations_record_id_records")),
        sa.PrimaryKeyConstraint("record_id", "other_id", "relation", name=op.f("pk_relations")),
    )
    with op.batch_alter_table("relations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_relations_other_id"), ["other_id"], unique=False)
