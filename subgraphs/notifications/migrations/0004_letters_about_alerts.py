from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_letters_with_vouchers")]

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
                    ("VOUCHER", "Voucher"),
                    ("ALERT", "Alert"),
                ],
                max_length=20,
            ),
        ),
    ]
