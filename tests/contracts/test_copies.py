"""
Mechanism that folders have copies of, since they never import one another: the copies say the same.

Who mends one of them mends all.
"""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAME = [
    ("subgraphs/chassis/env.py", "workers/chassis/env.py", {}),
    ("subgraphs/chassis/service_keys.py", "workers/chassis/service_keys.py", {"subgraphs.chassis": "workers.chassis"}),
    ("subgraphs/monolith/rules.py", "workers/discounts/rules.py", {}),
    ("subgraphs/monolith/voucher_pdf.py", "workers/discounts/voucher_pdf.py", {}),
    ("subgraphs/chassis/log_lines.py", "workers/chassis/log_lines.py", {}),
    ("subgraphs/chassis/log_lines.py", "realtime/log_lines.py", {}),
    ("subgraphs/chassis/log_lines.py", "gateway_graphql/server/log_lines.py", {}),
    ("subgraphs/chassis/log_broker.py", "workers/chassis/log_broker.py", {"subgraphs.chassis": "workers.chassis"}),
    ("subgraphs/chassis/sign_lines.py", "workers/chassis/sign_lines.py", {}),
    ("subgraphs/chassis/sign_lines.py", "realtime/sign_lines.py", {}),
    ("realtime/log_stream.py", "gateway_graphql/server/log_stream.py", {}),
    (
        "subgraphs/chassis/service_keys.py",
        "realtime/service_keys.py",
        {"subgraphs.chassis.env import Env, WrongSetting": "realtime.env import BadSetting, Env"}
        | {"WrongSetting": "BadSetting"},
    ),
    ("workers/chassis/tracing.py", "subgraphs/chassis/tracing.py", {}),
    ("workers/chassis/tracing.py", "realtime/tracing.py", {}),
    ("workers/chassis/metrics_port.py", "subgraphs/chassis/metrics_port.py", {"workers.chassis": "subgraphs.chassis"}),
    (
        "workers/chassis/metrics_port.py",
        "realtime/metrics_port.py",
        {"workers.chassis.env import Env, WrongSetting": "realtime.env import BadSetting, Env"}
        | {"WrongSetting": "BadSetting"},
    ),
]
LOGS = ("gateway_graphql.server.access_log", "subgraphs.chassis.logs", "workers.chassis.logs", "realtime.logs")


@pytest.mark.parametrize(("one", "other", "names"), SAME)
def test_a_copy_differs_by_the_names_of_its_folder_alone(one: str, other: str, names: dict[str, str]) -> None:
    text = (ROOT / one).read_text()
    for name, there in names.items():
        text = text.replace(name, there)
    assert text == (ROOT / other).read_text()


@pytest.mark.parametrize("name", LOGS[1:])
def test_all_logs_hide_the_same(name: str) -> None:
    first, module = import_module(LOGS[0]), import_module(name)
    assert module._SECRETS == first._SECRETS
    assert module._SECRET_HINTS == first._SECRET_HINTS
    assert inspect.getsource(module.without_secrets) == inspect.getsource(first.without_secrets)
