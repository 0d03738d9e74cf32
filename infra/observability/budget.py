"""A monthly budget for what carries the environment's tags."""

from __future__ import annotations

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.settings import Settings

_PERCENTAGES = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))


class Budget(Construct):
    """Tells ``alert_email`` at 80 and 100 % of the budget, and when 100 % is forecast.

    Counts what is tagged with this environment; the tag has to be activated as a cost allocation
    tag once, in the billing console.
    """

    def __init__(self, scope: Construct, id: str, *, settings: Settings) -> None:
        super().__init__(scope, id)
        budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=settings.resource_name,
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(
                    amount=settings.monthly_budget_usd or 0, unit="USD"
                ),
                cost_filters={"TagKeyValue": [f"user:environment${settings.name}"]},
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=percentage,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(
                            address=settings.alert_email or "", subscription_type="EMAIL"
                        )
                    ],
                )
                for kind, percentage in _PERCENTAGES
            ],
        )
