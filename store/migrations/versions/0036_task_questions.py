"""A task behind a low score knows the survey, its version, the question and the score. Those of before say
"quality 1/5" and the call: the version is that of the last answer to the question in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_FIELDS = ("survey", "form", "question", "value")
_TASKS = sa.text("SELECT id, call_id, detail FROM tasks WHERE kind = 'low_survey'")
_ANSWER = sa.text(
    "SELECT a.form, f.survey FROM survey_answers a LEFT JOIN survey_forms f ON f.form = a.form "
    "WHERE a.question = :question "
    "AND (a.attempt = :by_hand OR a.attempt IN (SELECT id FROM attempts WHERE call_id = :call_id)) "
    "ORDER BY a.seq DESC LIMIT 1"
)
_KEPT = sa.text("UPDATE tasks SET survey = :survey, form = :form, question = :question, value = :value WHERE id = :id")


def upgrade() -> None:
    for name in _FIELDS:
        op.add_column("tasks", sa.Column(name, sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    for task in connection.execute(_TASKS).all():
        question, _, score = task.detail.rpartition(" ")
        where = {"question": question, "call_id": task.call_id, "by_hand": f"hand:{task.call_id}"}
        answer = connection.execute(_ANSWER, where).first()
        form, survey = (answer.form, answer.survey or "") if answer else ("", "")
        value = score.partition("/")[0]
        kept = {"id": task.id, "survey": survey, "form": form, "question": question, "value": value}
        connection.execute(_KEPT, kept)
