"""Addresses know where they are, imports how their file was written down."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("addresses", "0001_initial"),)

    operations = (
        migrations.AddField(
            model_name="address",
            name="latitude",
            field=models.FloatField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="address",
            name="longitude",
            field=models.FloatField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="addressimport",
            name="format",
            field=models.CharField(default="CSV", max_length=30),
        ),
    )
