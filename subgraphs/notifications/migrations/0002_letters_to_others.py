from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("CONFIRMED", "Confirmed"),
                    ("CHECKING", "Checking"),
                    ("CONFIRMED_AS_TYPED", "Confirmed as typed"),
                    ("THANKS", "Thanks"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="match_task_id",
            field=models.CharField(db_column="matchTaskId", max_length=100, null=True),
        ),
        migrations.AlterField(
            model_name="notification",
            name="subscriber_id",
            field=models.CharField(db_column="subscriberId", max_length=100, null=True),
        ),
    ]
